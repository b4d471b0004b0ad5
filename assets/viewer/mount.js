// The viewer's code is an element of its own (see viewer.py): start as soon as it is there.

export default function (component) {
  if (window.counterpoiseViewer) return window.counterpoiseViewer(component);
  let stop = null;
  const start = () => { stop = window.counterpoiseViewer(component); };
  window.addEventListener("counterpoise:viewer", start, { once: true });
  return () => {
    window.removeEventListener("counterpoise:viewer", start);
    stop?.();
  };
}
