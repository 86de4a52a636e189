/* Draws the table that the server wrote. A plain click opens a cell here; any other follows its link as browsers do. */
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".matrix");
  if (box.drawn !== data.html) {
    const focused = parentElement.activeElement?.dataset?.pick;
    box.innerHTML = box.drawn = data.html;
    if (focused !== undefined) box.querySelector(`[data-pick="${focused}"]`)?.focus();
  }
  box.onclick = (event) => {
    const cell = event.target.closest("a");
    if (!cell || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setTriggerValue("pick", cell.dataset.pick);
  };
}
