/* Start: what the address says, and the first frame. */

follow("net", buildNet);
follow("numbers", drawAll);
follow("view", () => {});
new ResizeObserver(() => {
  placeNet();
  drawAll();
}).observe(field);

function trainTo(epochs) {
  while (session.epoch < epochs && epoch());
}

changed("data");
const asked = /(?:^|[#&])epochs=([0-9]{1,7})(?:&|$)/.exec(window.location.hash);
if (asked) trainTo(Number(asked[1]));
changed("numbers");
root.dataset.ready = "";
