import type { Json, Seen, World } from "./types";

/** What the control API refused, with its code and its one sentence. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly body: Json,
  ) {
    super(detail);
  }
}

async function answer(response: Response): Promise<Json> {
  let body: Json = {};
  try {
    body = await response.json();
  } catch {
    body = {};
  }
  if (!response.ok || body.ok === false) {
    const code = String(body.error ?? `http_${response.status}`);
    throw new Refused(code, String(body.detail ?? `The local Slack answered ${response.status} (${code}).`), body);
  }
  return body;
}

export async function fetchWorld(): Promise<World> {
  return (await answer(await fetch("/_sandbox/people"))) as World;
}

export async function fetchSeen(as: string): Promise<Seen> {
  return (await answer(await fetch(`/_sandbox/seen?as=${encodeURIComponent(as)}`))) as Seen;
}

export async function fetchBanner(): Promise<{ title: string; lines: string[] } | null> {
  const response = await fetch("/_sandbox/banner");
  if (!response.ok) return null;
  const body = await response.json().catch(() => null);
  if (!body || typeof body.title !== "string") return null;
  return { title: body.title, lines: Array.isArray(body.lines) ? body.lines.map(String) : [] };
}

export async function postAct(as: string, what: Json): Promise<Json> {
  const response = await fetch("/_sandbox/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as, ...what }),
  });
  return answer(response);
}

export async function asBase64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  const step = 0x8000;
  for (let at = 0; at < bytes.length; at += step) {
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return btoa(binary);
}
