// A chart over time that moves: uPlot on a canvas, in the colours of the theme.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourOf, colours } from './theme';

export interface Series {
  name: string;
  /** A CSS variable of style/base.css. */
  colour: string;
}

interface ChartProps {
  series: Series[];
  /** Seconds since 1970, then the values of each series. */
  data: uPlot.AlignedData;
  /** How values are written at the axis. */
  write: (value: number) => string;
  height?: number;
  bars?: boolean;
  /** The second series is drawn downwards, so that equal ones do not hide each other. */
  mirrored?: boolean;
  /** Values are whole numbers, and so are those at the axis. */
  whole?: boolean;
  /** The chart in a sentence, for who cannot see it. */
  summary: string;
}

const AXIS_WIDTH = 78;
/** Bars stand for days, and reach half a day to each side. */
const HALF_DAY_S = 43_200;

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

const translucent = (colour: string) => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.08)');

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const optionsFor = (
  element: Element,
  { series, write, height = 180, bars, mirrored, whole }: ChartProps,
  width: number,
): uPlot.Options => {
  const axis = { stroke: colourOf(element, '--muted'), font: '12px system-ui, sans-serif' };
  const grid = { stroke: colourOf(element, '--line'), width: 1 };
  const paths = bars ? { paths: uPlot.paths.bars!({ size: [0.7, 48], radius: 0.15 }) } : {};
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 28, 0, 0],
    scales: {
      x: { range: (_, least, most) => (bars ? [least - HALF_DAY_S, most + HALF_DAY_S] : [least, most]) },
      y: {
        range: (_, least, most) => {
          const reach = Math.max(most, -least, 1 / 1.1) * 1.1;
          return [mirrored ? -reach : 0, reach];
        },
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        space: 90,
        size: 28,
        values: (_, times) => times.map((time) => (bars ? day : clock).format(time * 1000)),
      },
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: AXIS_WIDTH,
        space: 42,
        ...(whole ? { incrs: WHOLE_STEPS } : {}),
        values: (_, values) => values.map((value) => write(Math.abs(value)).replace('.0 ', ' ')),
      },
    ],
    series: [
      {},
      ...series.map(({ name, colour }) => {
        const stroke = colourOf(element, colour);
        return {
          label: name,
          stroke,
          fill: bars ? stroke : translucent(stroke),
          width: bars ? 0 : 2,
          points: { show: false },
          ...paths,
        };
      }),
    ],
  };
};

const turned = ({ data, mirrored }: ChartProps): uPlot.AlignedData =>
  mirrored ? [data[0], data[1]!, data[2]!.map((value) => -(value ?? 0))] : data;

export const Chart = (props: ChartProps) => {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const theme = colours.value;
  const shape = props.series.map(({ name }) => name).join();

  useEffect(() => {
    const element = frame.current!;
    const made = new uPlot(optionsFor(element, props, element.clientWidth), turned(props), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: made.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [theme, shape, props.bars]);
  useEffect(() => plot.current?.setData(turned(props)), [props.data]);

  return (
    <figure class="chart">
      <div ref={frame} role="img" aria-label={props.summary} />
      <figcaption>
        {props.series.map(({ name, colour }) => (
          <span key={name} class={`key ${colour.slice(2)}`}>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
};
