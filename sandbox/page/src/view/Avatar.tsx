import type { ReactNode } from "react";
import type { Person } from "../types";

const COLORS = ["#4a5f8a", "#6b4f7d", "#2f6f62", "#8a4b3c", "#7a6420", "#3f6b35", "#865074", "#44657a"];

function colorFor(id: string, given?: string): string {
  if (given && /^#?[0-9a-f]{6}$/i.test(given)) return given.startsWith("#") ? given : `#${given}`;
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return COLORS[sum % COLORS.length]!;
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return letters.map((word) => [...word][0]!.toUpperCase()).join("") || "?";
}

/** A person's or an app's picture: initials on a colour of their own. The name always stands beside it. */
export function Avatar({ id, name, person, app = false, size = 36 }: { id: string; name: string; person?: Person; app?: boolean; size?: number }): ReactNode {
  const style = { background: colorFor(id, person?.color), width: size, height: size, fontSize: Math.round(size * 0.4) };
  return (
    <span className={app ? "avatar avatar-app" : "avatar"} style={style} data-initials={initials(name)} aria-hidden="true" />
  );
}
