-- Runs each attempt of `probe.plan` in a subtransaction and rolls it back, whatever its result; only an attempt with
-- "keep" stays until the transaction ends. Errors that are caught here never reach the server's log. An attempt is
-- {"keep": bool, "steps": [[identity, statement, "rows" | "answer", "get" | "", values], ...]}; the values are texts
-- for $1 to $9. Its outcome is that of its last step, or of the step that failed.
do $probe$
declare
  identities constant jsonb := current_setting('probe.identities')::jsonb;
  attempt jsonb;
  step jsonb;
  v jsonb;
  outcomes text[] := '{}';
  touched bigint;
  passed integer;
  answer jsonb;
  answers jsonb;
  state text;
  context text;
  guard text;
  home text;
  relation text;
begin
  for attempt in select value from jsonb_array_elements(current_setting('probe.plan')::jsonb) loop
    passed := 0;
    touched := 0;
    answers := '[]';
    state := null;
    context := null;
    guard := null;
    relation := null;
    begin
      for step in select value from jsonb_array_elements(attempt -> 'steps') loop
        perform set_config(key, value, true) from jsonb_each_text(identities -> (step ->> 0));
        if step ->> 3 = 'get' then
          perform set_config('transaction_read_only', 'on', true);
        end if;
        v := step -> 4;
        if step ->> 2 = 'answer' then
          execute step ->> 1 into answer
            using v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, v ->> 5, v ->> 6, v ->> 7, v ->> 8;
          answers := answers || jsonb_build_array(answer);
        else
          execute step ->> 1
            using v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, v ->> 5, v ->> 6, v ->> 7, v ->> 8;
          get diagnostics touched = row_count;
        end if;
        passed := passed + 1;
      end loop;
      if not coalesce((attempt ->> 'keep')::boolean, false) then
        raise sqlstate 'LAB00';
      end if;
      perform set_config(key, value, true) from jsonb_each_text(identities -> 'login');
    exception
      when sqlstate 'LAB00' then
        null;
      when others then
        get stacked diagnostics state = returned_sqlstate, context = pg_exception_context, guard = constraint_name,
                                home = schema_name, relation = table_name;
    end;
    outcomes := outcomes || jsonb_build_object('rows', touched, 'answers', answers, 'state', state, 'passed', passed,
                                               'context', split_part(context, E'\n', 1), 'guard', guard,
                                               'table', home || '.' || nullif(relation, ''))::text;
  end loop;
  perform set_config('probe.outcomes', '[' || array_to_string(outcomes, ',') || ']', true);
end
$probe$
