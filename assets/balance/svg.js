// Small SVG vocabulary shared by the live charts. Text always goes through textContent: names come from files.

const SVG = "http://www.w3.org/2000/svg";

function draw(parent, tag, attributes = {}, text = null) {
  const node = document.createElementNS(SVG, tag);
  place(node, attributes);
  if (text !== null) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function place(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

function chart(parent, className, width, height, label) {
  const svg = draw(parent, "svg", { class: className, width, height, role: "img", "aria-label": label });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return svg;
}

/** A name cut to fit `width` pixels, whole in its tooltip. */
function fitted(node, name, width) {
  node.textContent = name;
  if (node.getComputedTextLength() > width) {
    let length = name.length;
    while (length > 1 && node.getComputedTextLength() > width) {
      length -= 1;
      node.textContent = `${name.slice(0, length).trimEnd()}…`;
    }
    draw(node, "title", {}, name);
  }
}

/** The chart as a file of its own: computed colours are written into the copy, CSS stays behind. */
function saveSvg(svg, fileName) {
  const copy = svg.cloneNode(true);
  const properties = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight"];
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const property of properties) node.style.setProperty(property, style.getPropertyValue(property));
  });
  copy.setAttribute("xmlns", SVG);
  copy.style.fontFamily = getComputedStyle(svg).fontFamily;
  copy.style.background = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor;
  saveText(new XMLSerializer().serializeToString(copy), "image/svg+xml", fileName);
}

function saveText(text, type, fileName) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
