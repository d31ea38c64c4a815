// The names are Slack's own; the build fills this module from emoji-datasource.
import table from "virtual:emoji";

const BY_NAME: Record<string, string> = table.byName;
const TONES: Record<string, string> = {
  "skin-tone-2": "\u{1F3FB}",
  "skin-tone-3": "\u{1F3FC}",
  "skin-tone-4": "\u{1F3FD}",
  "skin-tone-5": "\u{1F3FE}",
  "skin-tone-6": "\u{1F3FF}",
};

export const POPULAR = ["+1", "white_check_mark", "eyes", "raised_hands", "tada", "heart", "clap", "joy", "thinking_face", "pray", "fire", "wave"];

export function emoji(name: string): string | null {
  const [base, tone] = name.split("::");
  const found = Object.hasOwn(BY_NAME, base) ? BY_NAME[base] : TONES[base];
  if (!found) return null;
  return tone && TONES[tone] ? found + TONES[tone] : found;
}

/** Names that hold the words, best first: those that begin with them. */
export function searchEmoji(query: string, limit = 48): string[] {
  const wanted = query.trim().toLowerCase().replace(/^:|:$/g, "").replace(/\s+/g, "_");
  if (!wanted) return POPULAR;
  const begin: string[] = [];
  const hold: string[] = [];
  for (const name of Object.keys(BY_NAME)) {
    if (name.startsWith(wanted)) begin.push(name);
    else if (name.includes(wanted)) hold.push(name);
  }
  return [...begin, ...hold].slice(0, limit);
}

/** Plain text with :names: turned into emoji; unknown names stay as typed. */
export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/g, (whole, name: string) => emoji(name) ?? whole);
}
