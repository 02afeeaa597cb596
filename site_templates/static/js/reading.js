// Text size and printing. Without JavaScript the controls are not there, and the browser's own zoom does the same.

const SIZES = ["normal", "large", "larger"];
const KEY = "text-size"; // kept for this tab only; no cookie

const texts = document.getElementById("main").dataset;
const bar = document.createElement("div");
bar.className = "reading-bar wrap";
bar.setAttribute("role", "group");
bar.setAttribute("aria-label", texts.textSize);

const buttons = SIZES.map((size) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts[`text${size[0].toUpperCase()}${size.slice(1)}`];
  button.addEventListener("click", () => choose(size));
  return button;
});

const print = document.createElement("button");
print.type = "button";
print.textContent = texts.textPrint;
print.addEventListener("click", () => window.print());

const label = document.createElement("span");
label.textContent = texts.textSize;
bar.append(label, ...buttons, print);
document.getElementById("main").before(bar);
choose(stored());

function choose(size) {
  document.documentElement.dataset.textSize = size;
  buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(SIZES[place] === size)));
  try {
    sessionStorage.setItem(KEY, size);
  } catch {
    // Storage may be forbidden; the size then holds for this page.
  }
}

function stored() {
  try {
    const size = sessionStorage.getItem(KEY);
    return SIZES.includes(size) ? size : "normal";
  } catch {
    return "normal";
  }
}
