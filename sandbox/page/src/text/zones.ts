/** The wall clock of a zone and the moment it means: what a date and time picker needs. */

function offsetMinutes(unix: number, tz: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: tz, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(new Date(unix * 1000));
  const get = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const wall = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
  return Math.round((wall / 1000 - unix) / 60);
}

/** "2026-11-22" and "10:30" in the zone, as a unix time; null while either is missing. */
export function toUnix(date: string, time: string, tz: string): number | null {
  const wall = Date.parse(`${date}T${time}:00Z`) / 1000;
  if (!date || !time || Number.isNaN(wall)) return null;
  // The second pass settles the hour around a change of the clocks.
  const guess = wall - offsetMinutes(wall, tz) * 60;
  return wall - offsetMinutes(guess, tz) * 60;
}

export function fromUnix(unix: number | null | undefined, tz: string): { date: string; time: string } {
  if (!unix) return { date: "", time: "" };
  const wall = new Date((unix + offsetMinutes(unix, tz) * 60) * 1000).toISOString();
  return { date: wall.slice(0, 10), time: wall.slice(11, 16) };
}
