// Draws a picture that can be zoomed with the wheel or the buttons, and moved by dragging or with the arrow keys.
export default function ({ data, parentElement }) {
  const frame = parentElement.querySelector(".frame");
  const image = parentElement.querySelector("img");
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(data.svg);
  image.alt = data.alt;
  let scale = 1, left = 0, top = 0, held = null;

  const show = () => { image.style.transform = `translate(${left}px, ${top}px) scale(${scale})`; };
  const zoom = (factor, x = frame.clientWidth / 2, y = frame.clientHeight / 2) => {
    const next = Math.min(8, Math.max(1, scale * factor));
    left = x - ((x - left) * next) / scale;
    top = y - ((y - top) * next) / scale;
    scale = next;
    if (scale === 1) { left = 0; top = 0; }
    show();
  };
  const move = (x, y) => { left += x; top += y; show(); };
  const acts = { "+": () => zoom(1.4), "-": () => zoom(1 / 1.4), fit: () => zoom(0) };
  for (const button of parentElement.querySelectorAll("button")) button.onclick = acts[button.dataset.act];
  frame.onwheel = (event) => {
    if (!event.ctrlKey && scale === 1) return; // the page scrolls, until the picture is zoomed
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - box.left, event.clientY - box.top);
  };
  frame.onpointerdown = (event) => { held = [event.clientX, event.clientY]; frame.setPointerCapture(event.pointerId); };
  frame.onpointermove = (event) => {
    if (!held) return;
    move(event.clientX - held[0], event.clientY - held[1]);
    held = [event.clientX, event.clientY];
  };
  frame.onpointerup = frame.onpointercancel = () => { held = null; };
  frame.onkeydown = (event) => {
    const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    const act = { "+": "+", "=": "+", "-": "-", "0": "fit" }[event.key];
    if (act) acts[act]();
    else if (steps[event.key]) move(...steps[event.key]);
    else return;
    event.preventDefault();
  };
  show();
}
