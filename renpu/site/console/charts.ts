// Charts of the office pages. An element <div data-chart="ID"> is drawn from the ECharts option in the JSON script #ID.
import { BarChart, LineChart } from 'echarts/charts'
import { DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, DatasetComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

export function drawAll(): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const option = document.getElementById(place.dataset.chart!)
    if (!option) continue
    const chart = init(place, null, { renderer: 'svg' })
    chart.setOption(JSON.parse(option.textContent ?? '{}'))
    new ResizeObserver(() => chart.resize()).observe(place)
  }
}
