import type { MouseEvent, ReactNode } from "react";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import { emoji } from "../text/emoji";
import { safeImage, safeLink } from "../text/links";
import { SafeLink, SlackDate } from "../text/mrkdwn";
import { Broadcast, ChannelMention, UserMention, personName, useNames } from "../text/names";
import type { Json } from "../types";

export const LIBRARY_BLOCKS = ["rich_text", "markdown", "alert", "plan", "task_card", "data_visualization"];

const LINK_KEYS = ["url", "title_url", "video_url", "href"];

/**
 * A copy that the library may draw: links and pictures that must not be followed are gone, and so are block
 * ids, which the library would turn into DOM ids that repeat across messages.
 */
export function guarded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(guarded);
  if (!value || typeof value !== "object") return value;
  const out: Json = {};
  for (const [key, inner] of Object.entries(value as Json)) {
    if (key === "block_id") continue;
    if (LINK_KEYS.includes(key) && typeof inner === "string") out[key] = safeLink(inner) ?? "";
    else if (/(^|_)(image_url|thumbnail_url)$/.test(key)) out[key] = safeImage(inner) ?? "";
    else out[key] = guarded(inner);
  }
  // In markdown blocks Slack shows pictures as links.
  if (out.type === "markdown" && typeof out.text === "string") out.text = out.text.replace(/!\[/g, "[");
  return out;
}

interface LibraryStyle {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
}

function styled(node: ReactNode, style?: LibraryStyle): ReactNode {
  const className = [style?.bold && "t-bold", style?.italic && "t-italic", style?.strike && "t-strike"].filter(Boolean).join(" ");
  return className ? <span className={className}>{node}</span> : node;
}

const HOOKS = {
  user: ({ id, style }: { id: string; style?: LibraryStyle }) => styled(<UserMention id={id} />, style),
  channel: ({ id, style }: { id: string; style?: LibraryStyle }) => styled(<ChannelMention id={id} />, style),
  atHere: () => <Broadcast range="here" />,
  atChannel: () => <Broadcast range="channel" />,
  atEveryone: () => <Broadcast range="everyone" />,
  emoji: (data: { name?: string }, parse: (data: unknown) => ReactNode) => emoji(String(data.name ?? "")) ?? parse(data),
  date: ({ timestamp, format, link, fallback }: { timestamp: string; format: string; link?: string | null; fallback?: string | null }) => (
    <SlackDate unix={Number(timestamp)} format={format} fallback={fallback ?? ""} link={link || undefined} />
  ),
  link: ({ href, children }: { href: string; children: ReactNode }) => <SafeLink href={href}>{children}</SafeLink>,
};

/** A block drawn by slack-blocks-to-jsx, with this page's links, names, emoji and dates. */
export function LibraryBlock({ block }: { block: Json }): ReactNode {
  const names = useNames();
  const data = {
    users: [...names.people.keys()].map((id) => ({ id, name: personName(names, id) })),
    channels: [...names.channels.values()].map((c) => ({ id: c.id, name: c.name })),
    user_groups: [],
  };
  // The library empties a bad address in a markdown block and leaves a link that would open this very page.
  const stopEmpty = (event: MouseEvent) => {
    const link = (event.target as HTMLElement).closest("a");
    if (link && !safeLink(link.getAttribute("href"))) event.preventDefault();
  };
  return <div onClickCapture={stopEmpty}><Message blocks={[guarded(block)]} name="" logo="" theme="light" withoutWrapper data={data} hooks={HOOKS} /></div>;
}
