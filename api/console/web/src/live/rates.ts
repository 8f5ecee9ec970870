// From counters that only grow to bits a second.
import type { Traffic } from '../api/types';

/** Up: from clients to the relay. Down: from the relay to clients. */
export interface Rate {
  up: number;
  down: number;
}

export interface Counted {
  at: number;
  traffic: Traffic;
}

/** Between two readings, in bits a second. */
export const rateBetween = (before: Counted, now: Counted): Rate => {
  const seconds = (now.at - before.at) / 1000;
  if (seconds <= 0) return { up: 0, down: 0 };
  const perSecond = (more: number) => (Math.max(0, more) * 8) / seconds;
  return {
    up: perSecond(now.traffic.uplink_bytes - before.traffic.uplink_bytes),
    down: perSecond(now.traffic.downlink_bytes - before.traffic.downlink_bytes),
  };
};

export interface Point extends Rate {
  at: number;
}

/** The points of a chart: times in seconds, then up and down. */
export const columnsOf = (points: Point[]): [number[], number[], number[]] => [
  points.map(({ at }) => at / 1000),
  points.map(({ up }) => up),
  points.map(({ down }) => down),
];
