-- A sealed row whose content no longer gives its seal was changed by somebody who could switch the wall off.
select count(*) from wall.broken_seals()
