const DAY = 86_400_000;
const HALF_YEAR = 183 * DAY;

export interface Clock {
  tz: string;
  locale: string;
}

function safeZone(tz: string | undefined): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: tz });
    return tz || "UTC";
  } catch {
    return "UTC";
  }
}

function safeLocale(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(locale || "en-GB")[0] ?? "en-GB";
  } catch {
    return "en-GB";
  }
}

export function clockOf(person?: { tz?: string; locale?: string } | null): Clock {
  return { tz: safeZone(person?.tz), locale: safeLocale(person?.locale) };
}

function show(date: Date, clock: Clock, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(clock.locale, { timeZone: clock.tz, ...options }).format(date);
}

/** The calendar day in the person's zone, as a number of days, so that days can be subtracted. */
function dayNumber(date: Date, tz: string): number {
  const iso = new Intl.DateTimeFormat("en-CA", { timeZone: tz, dateStyle: "short" }).format(date);
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
}

export function isoDay(date: Date, clock: Clock): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: clock.tz, dateStyle: "short" }).format(date);
}

export function timeOf(ts: string | number, clock: Clock): string {
  return show(new Date(Number(ts) * 1000), clock, { hour: "numeric", minute: "2-digit" });
}

export function fullTime(ts: string | number, clock: Clock): string {
  return show(new Date(Number(ts) * 1000), clock, { dateStyle: "full", timeStyle: "short" });
}

function relativeDay(date: Date, clock: Clock, now: Date): string | null {
  const away = dayNumber(date, clock.tz) - dayNumber(now, clock.tz);
  if (Math.abs(away) > 1) return null;
  return new Intl.RelativeTimeFormat(clock.locale, { numeric: "auto" }).format(away, "day");
}

/** "Today", "Yesterday" or the long date: the heading between two days of messages. */
export function dayHeading(ts: string, clock: Clock, now: Date): string {
  const date = new Date(Number(ts) * 1000);
  const text = relativeDay(date, { ...clock, locale: "en-GB" }, now);
  if (text) return text.charAt(0).toUpperCase() + text.slice(1);
  return show(date, clock, { weekday: "long", day: "numeric", month: "long" });
}

function ago(date: Date, clock: Clock, now: Date): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const format = new Intl.RelativeTimeFormat(clock.locale, { numeric: "auto" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(seconds, "second");
}

const DATE_FORMS: Record<string, Intl.DateTimeFormatOptions> = {
  date: { day: "numeric", month: "long", year: "numeric" },
  date_short: { day: "numeric", month: "short", year: "numeric" },
  date_long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

function token(name: string, date: Date, clock: Clock, now: Date): string | null {
  if (name === "date_num") return isoDay(date, clock);
  if (name === "date_slash") return show(date, clock, { day: "2-digit", month: "2-digit", year: "numeric" });
  if (name === "time") return show(date, clock, { hour: "numeric", minute: "2-digit" });
  if (name === "time_secs") return show(date, clock, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  if (name === "ago") return ago(date, clock, now);
  const pretty = name.endsWith("_pretty");
  const full = name.endsWith("_full");
  const form = DATE_FORMS[name.replace(/_(pretty|full)$/, "")];
  if (!form) return null;
  const near = Math.abs(date.getTime() - now.getTime()) < HALF_YEAR;
  const shown = show(date, clock, near && !full ? { ...form, year: undefined } : form);
  return (pretty && relativeDay(date, clock, now)) || shown;
}

/** Slack's date format in the reader's zone; an unknown token or a bad time gives the fallback, as Slack does. */
export function slackDate(unix: number, format: string, fallback: string, clock: Clock, now: Date): string {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_, name: string) => {
    const shown = token(name, date, clock, now);
    if (shown === null) known = false;
    return shown ?? "";
  });
  return known ? text : fallback;
}
