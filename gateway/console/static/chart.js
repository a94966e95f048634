"use strict";
// Draws what stands in data-chart. Tooltips are drawn and not made of HTML: the page allows no styles of theirs.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const { names, series } = JSON.parse(place.dataset.chart);
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption({
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      color: ["#9cc7bf", "#2a9d8f", "#0b4f47", "#e0a33e", "#6b7c87"],
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      legend: { top: 0, left: 0, icon: "roundRect" },
      grid: { left: 8, right: 8, top: 44, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: names, axisTick: { show: false }, axisLabel: { interval: 0, width: 90, lineHeight: 16, overflow: "break", hideOverlap: true, rotate: place.clientWidth < 600 ? 40 : 0 } },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: "#e6ecef" } } },
      series: series.map((each) => ({ ...each, type: "bar", barMaxWidth: 26, itemStyle: { borderRadius: [4, 4, 0, 0] } })),
    });
    window.addEventListener("resize", () => chart.resize());
  }
});
