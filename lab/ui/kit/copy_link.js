/* Copies the address of the page with its choices. Where a browser refuses, the link is shown for copying by hand. */
export default function ({ data, parentElement }) {
  const [button, told, shown] = ["button", "[role=status]", "input"].map((part) => parentElement.querySelector(part));
  const words = button.querySelector("span");
  shown.hidden = true;
  button.onclick = async () => {
    const query = location.search.slice(1) || data.query; // the address leaves out what a page begins with
    const link = `${location.origin}${location.pathname}${query ? `?${query}` : ""}`;
    const copied = await copy(link, shown);
    words.textContent = copied ? "Link copied" : "Copy this link:";
    told.textContent = copied ? "It holds the choices on this page, and nothing about a person." : "";
    clearTimeout(button.waiting);
    button.waiting = setTimeout(() => {
      words.textContent = "Copy link";
      told.textContent = "";
    }, 5000);
  };
}

async function copy(link, shown) {
  try {
    await navigator.clipboard.writeText(link);
    return true;
  } catch {
    shown.value = link;
    shown.hidden = false;
    shown.select();
    const copied = document.execCommand("copy");
    shown.hidden = copied;
    return copied;
  }
}
