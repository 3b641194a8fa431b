// The map's legend, and its picture to take away. textContent only.
const TIER_BARS = { t: 1, h: 2, f: 3 };
const PICTURE_SCALE = 2;
// A canvas larger than this stays empty in some browsers.
const PICTURE_PX_AT_MOST = 12000;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function bars(filled) {
  const row = make("span", "bars");
  row.setAttribute("aria-hidden", "true");
  for (let i = 0; i < 3; i += 1) row.append(make("i", i < filled ? "on" : ""));
  return row;
}

function buildLegend(data) {
  const list = make("ul", "legend");
  const entries = [
    ["unseen", "0", 0, "unseen"],
    ["trace", "", 1, "1–4, a trace"],
    ["thin", "", 2, `5–${data.thin_below - 1}, thin`],
    ["fine", "", 3, `${data.thin_below} or more, fine`],
  ];
  const used = (kind) => data.kinds.some((row) => row.includes(kind));
  if (used("r")) entries.push(["rare", "0", 0, "0, hardly any expected"]);
  if (used("x")) entries.push(["never", "", 0, "one of a group at a time"]);
  if (used("i")) entries.push(["impossible", "–", 0, "marked impossible"]);
  for (const [className, text, filled, words] of entries) {
    const item = make("li");
    const swatch = make("span", `swatch ${className}`, text);
    swatch.setAttribute("aria-hidden", "true");
    if (filled) swatch.append(bars(filled));
    item.append(swatch, make("span", "", words));
    list.append(item);
  }
  return list;
}

function buildSaving(data) {
  const box = make("div", "saving");
  if (!data.files) return box;
  box.append(make("span", "", "Save the map:"));
  const png = make("button", "", "PNG");
  png.type = "button";
  png.onclick = () => savePicture(data.files, png);
  box.append(png, fileLink("SVG", data.files.svg), fileLink("JSON", data.files.json));
  return box;
}

function fileLink(text, address) {
  const link = make("a", "", text);
  link.href = address;
  link.download = "";
  return link;
}

// Painted by the browser from the SVG: the same fonts, whatever the script of a name.
async function savePicture(files, button) {
  button.disabled = true;
  try {
    const answer = await fetch(files.svg);
    if (!answer.ok) throw new Error("no picture");
    const drawn = await paint(await answer.text());
    offer(drawn, files.name);
  } catch {
    button.textContent = "PNG: failed, take SVG";
  } finally {
    button.disabled = false;
  }
}

async function paint(svg) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  image.src = address;
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(address);
  }
  const longest = Math.max(image.width, image.height);
  const scale = Math.min(PICTURE_SCALE, PICTURE_PX_AT_MOST / longest);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("empty"))), "image/png");
  });
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
