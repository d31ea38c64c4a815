/** The link as it may be followed, or null: only http, https and mailto leave the page. */
export function safeLink(url: unknown): string | null {
  if (typeof url !== "string") return null;
  const trimmed = url.trim();
  if (!/^(https?:\/\/|mailto:)/i.test(trimmed)) return null;
  try {
    const parsed = new URL(trimmed);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** Goes to a permalink of this very Slack without leaving the page; false where the link leads elsewhere. */
export function followHere(url: string): boolean {
  const parsed = new URL(url, window.location.href);
  if (parsed.origin !== window.location.origin || !/^\/archives\/[CDG]/.test(parsed.pathname)) return false;
  window.history.pushState(null, "", parsed.pathname + parsed.search);
  window.dispatchEvent(new PopStateEvent("popstate"));
  return true;
}

/** The picture as it may be loaded, or null: http, https or this very origin. */
export function safeImage(url: unknown): string | null {
  if (typeof url !== "string" || !url.trim()) return null;
  try {
    const parsed = new URL(url.trim(), window.location.href);
    if (parsed.protocol === "http:" || parsed.protocol === "https:") return parsed.href;
    // The gallery is opened from disk: pictures beside it are its own.
    return parsed.protocol === "file:" && window.location.protocol === "file:" ? parsed.href : null;
  } catch {
    return null;
  }
}
