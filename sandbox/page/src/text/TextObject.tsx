import type { ReactNode } from "react";
import type { Json } from "../types";
import { withEmoji } from "./emoji";
import { Mrkdwn } from "./mrkdwn";

/** The words of a text object as plain characters, for labels and titles. */
export function plain(text: Json | string | undefined | null): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  const words = String(text.text ?? "");
  return text.type === "plain_text" && text.emoji === false ? words : withEmoji(words);
}

export function TextObject({ text }: { text: Json | undefined }): ReactNode {
  if (!text) return null;
  if (text.type === "mrkdwn") return <Mrkdwn text={String(text.text ?? "")} verbatim={Boolean(text.verbatim)} />;
  return <span className="plain-text">{plain(text)}</span>;
}
