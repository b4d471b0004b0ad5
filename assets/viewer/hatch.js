// Hatching on the screen, not on the image: the same width of stripes at every zoom.

/** Draw the pixels of a canvas as stripes in a colour. */
function drawHatched(draw, canvas, colour, alpha) {
  const { context, pane, ratio } = draw;
  const layer = blankCanvas(Math.round(pane.width * ratio), Math.round(pane.height * ratio));
  const own = layer.getContext("2d");
  toImage({ ...draw, context: own });
  own.imageSmoothingEnabled = false;
  own.drawImage(canvas, 0, 0);
  own.setTransform(1, 0, 0, 1, 0, 0);
  own.globalCompositeOperation = "source-in";
  own.fillStyle = own.createPattern(stripes(ratio, colour), "repeat");
  own.fillRect(0, 0, layer.width, layer.height);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = alpha;
  context.drawImage(layer, 0, 0);
  context.restore();
}

function stripes(ratio, [red, green, blue]) {
  const size = Math.round(8 * ratio);
  const canvas = blankCanvas(size, size);
  const context = canvas.getContext("2d");
  context.fillStyle = `rgba(${red}, ${green}, ${blue}, .25)`;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = `rgb(${red}, ${green}, ${blue})`;
  context.lineWidth = size / 3;
  for (const shift of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(shift - 1, size + 1);
    context.lineTo(shift + size + 1, -1);
    context.stroke();
  }
  return canvas;
}
