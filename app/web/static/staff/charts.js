/* Draws each chart from the table beside it; without this script the table stands alone. */
"use strict";

(() => {
  const drawn = [];

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const seriesOf = (table) =>
    [...table.querySelectorAll("thead th")]
      .map((heading, column) => ({ column, name: heading.dataset.series, label: heading.textContent }))
      .filter((series) => series.name);

  const valuesOf = (table, column) =>
    [...table.querySelectorAll("tbody tr")].map((row) => Number(row.cells[column].dataset.value));

  const labelsOf = (table) =>
    [...table.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent);

  const datasetOf = (table, series, kind) => ({
    label: series.label,
    data: valuesOf(table, series.column),
    backgroundColor: colour(`chart-${series.name}`),
    borderColor: colour(`chart-${series.name}`),
    borderWidth: kind === "line" ? 2 : 0,
    pointRadius: 3,
    tension: 0,
    stack: kind === "stack" ? "all" : undefined,
    categoryPercentage: 0.9,
    barPercentage: 0.9,
  });

  const axis = (extra, ticks) => ({
    ticks: { color: colour("quiet"), font: { size: 11 }, maxTicksLimit: 7, maxRotation: 0, ...ticks },
    border: { color: colour("rule") },
    ...extra,
  });

  const optionsOf = (kind, currency) => ({
    animation: false,
    maintainAspectRatio: false,
    locale: "en",
    interaction: { mode: "index", intersect: false },
    scales: {
      x: axis({ grid: { display: false }, stacked: kind === "stack" }),
      y: axis(
        { grid: { color: colour("rule") }, stacked: kind === "stack", beginAtZero: true },
        kind === "line" ? { precision: 0 } : {}, // there is no half a member
      ),
    },
    plugins: {
      legend: {
        display: kind === "stack",
        reverse: true,
        align: "start",
        labels: { color: colour("ink"), boxWidth: 10, boxHeight: 10, font: { size: 12 } },
      },
      tooltip: { callbacks: currency ? { title: (items) => `${items[0].label}, ${currency}` } : {} },
    },
  });

  const draw = (figure) => {
    const table = document.getElementById(figure.dataset.table);
    const kind = figure.dataset.chart;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${table.caption.textContent}: the chart of the table that follows`);
    figure.replaceChildren(canvas);
    figure.classList.add("drawn");
    drawn.push(
      new Chart(canvas, {
        type: kind === "line" ? "line" : "bar",
        data: {
          labels: labelsOf(table),
          datasets: seriesOf(table)
            .reverse()
            .map((series) => datasetOf(table, series, kind)),
        },
        options: optionsOf(kind, figure.dataset.currency),
      }),
    );
  };

  const drawAll = () => {
    while (drawn.length) drawn.pop().destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    document.querySelectorAll("figure[data-chart]").forEach(draw);
  };

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
