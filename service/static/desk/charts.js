// Pictures drawn from the tables that stand below them; a click on a day leads where its row does.
"use strict";

// In a block: names of other files are theirs.
{
  const COLOURS = ["#0b5394", "#a61b1b", "#7a4a00"];
  // Told apart without colour too.
  const DASHES = [[], [6, 4], [2, 3]];

  function columnsOf(table) {
    const rows = [...table.tBodies[0].rows];
    const heads = [...rows].map((row) => row.querySelector("[data-x]"));
    const first = rows[0] ? [...rows[0].cells].map((cell, i) => ("y" in cell.dataset ? i : -1)) : [];
    const drawn = first.filter((i) => i >= 0);
    return {
      rows,
      x: heads.map((head) => Number(head.dataset.x)),
      labels: heads.map((head) => head.dataset.label || head.dataset.x),
      names: drawn.map((i) => table.tHead.rows[0].cells[i].textContent),
      series: drawn.map((i) =>
        rows.map((row) => (row.cells[i].dataset.y === "" ? null : Number(row.cells[i].dataset.y)))
      ),
    };
  }

  const percent = (value) => `${Math.round(value * 100)}%`;

  function optionsOf(table, told, width) {
    const shares = table.dataset.kind === "share" || table.dataset.kind === "calibration";
    const curve = table.dataset.kind === "calibration";
    const label = (at) => (curve ? percent(at) : told.labels[at] || "");
    const written = (value) => (value === null || value === undefined ? "–" : shares ? percent(value) : String(value));
    const font = getComputedStyle(document.documentElement).font;
    const grid = { stroke: "#e4e9ee", width: 1 };
    const points = curve || told.x.length <= 31;
    return {
      width,
      height: 220,
      legend: { live: true },
      cursor: { drag: { x: false, y: false }, points: { size: 8 } },
      scales: {
        x: { time: false, range: curve ? [0, 1] : undefined },
        y: { range: shares ? [0, 1.05] : (_, _low, high) => [0, Math.max(1, high * 1.1)] },
      },
      axes: [
        { grid, stroke: "#52606d", font, values: (_, at) => at.map((one) => (curve || Number.isInteger(one) ? label(one) : "")), incrs: curve ? [0.2] : [1, 2, 3, 5, 7, 10, 14, 30, 60] },
        { grid, stroke: "#52606d", font, size: 56, values: (_, at) => at.map((one) => (shares ? percent(one) : Number.isInteger(one) ? String(one) : "")) },
      ],
      series: [
        { label: table.tHead.rows[0].cells[0].textContent, value: (_, at) => (at === null ? "–" : label(at)) },
        ...told.names.map((name, i) => ({
          label: name,
          stroke: COLOURS[i],
          dash: DASHES[i],
          width: 2,
          spanGaps: true,
          points: { show: points, size: 6, fill: COLOURS[i] },
          value: (_, value) => written(value),
        })),
      ],
    };
  }

  function draw(place) {
    const table = document.getElementById(place.dataset.chart);
    const told = columnsOf(table);
    if (!told.x.length) return;
    place.hidden = false;
    place.replaceChildren();
    const plot = new uPlot(optionsOf(table, told, place.clientWidth), [told.x, ...told.series], place);
    plot.over.addEventListener("click", () => {
      const row = told.rows[plot.cursor.idx];
      const link = row && row.querySelector("a");
      if (link) link.click();
    });
    new ResizeObserver(() => {
      if (place.clientWidth && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: plot.height });
    }).observe(place);
  }

  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
}
