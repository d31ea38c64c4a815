import { Fragment, type ReactNode } from "react";
import { slackDate } from "./dates";
import { emoji, withEmoji } from "./emoji";
import { followHere, safeLink } from "./links";
import { Broadcast, ChannelMention, UserMention, useNames } from "./names";

export function unescapeSlack(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** A link that leaves the page, or its words alone where the address is not one to follow. */
export function SafeLink({ href, children }: { href: unknown; children: ReactNode }): ReactNode {
  const url = safeLink(href);
  if (!url) return <span className="bad-link" title="This link is not followed: only http, https and mailto are.">{children}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" onClick={(event) => followHere(url) && event.preventDefault()}>
      {children}
    </a>
  );
}

export function SlackDate({ unix, format, fallback, link }: { unix: number; format: string; fallback: string; link?: string }): ReactNode {
  const { clock } = useNames();
  const text = slackDate(unix, format, fallback, clock, new Date());
  const time = (
    <time dateTime={new Date(unix * 1000).toISOString()} title={clock.tz}>
      {text}
    </time>
  );
  return link ? <SafeLink href={link}>{time}</SafeLink> : time;
}

/** One `<...>` control sequence. */
function control(inside: string): ReactNode {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescapeSlack(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return <UserMention id={target.slice(1)} />;
  if (/^#[CG][A-Z0-9]+$/.test(target)) return <ChannelMention id={target.slice(1)} label={label} />;
  if (/^!(here|channel|everyone)$/.test(target)) return <Broadcast range={target.slice(1)} />;
  if (target.startsWith("!subteam^")) return <span className="mention">{label || `@${target.slice(9)}`}</span>;
  const date = /^!date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/.exec(target);
  if (date) return <SlackDate unix={Number(date[1])} format={unescapeSlack(date[2] ?? "")} fallback={label} link={date[3]} />;
  const url = unescapeSlack(target);
  return <SafeLink href={url}>{label ? withEmoji(label) : url.replace(/^mailto:/, "")}</SafeLink>;
}

const MARKS: Record<string, "b" | "i" | "s"> = { "*": "b", _: "i", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;

function closing(text: string, open: number): number {
  const mark = text[open]!;
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "<") {
      const end = text.indexOf(">", at);
      if (end > 0) at = end;
    } else if (text[at] === mark && at > open + 1 && !/\s/.test(text[at - 1]!) && !WORD.test(text[at + 1] ?? " ")) {
      return at;
    }
  }
  return -1;
}

interface Piece {
  node: ReactNode;
  end: number;
}

function codePiece(text: string, at: number): Piece | null {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: <code className="inline-code">{unescapeSlack(text.slice(at + 1, end))}</code>, end: end + 1 };
}

function markPiece(text: string, at: number): Piece | null {
  const before = text[at - 1] ?? " ";
  if (WORD.test(before) || /\s/.test(text[at + 1] ?? " ")) return null;
  const end = closing(text, at);
  if (end < 0) return null;
  const Tag = MARKS[text[at]!]!;
  return { node: <Tag>{inline(text.slice(at + 1, end))}</Tag>, end: end + 1 };
}

function pieceAt(text: string, at: number, bareLinks: boolean): Piece | null {
  const char = text[at]!;
  if (char === "`") return codePiece(text, at);
  if (char === "<") {
    const end = text.indexOf(">", at);
    return end > at + 1 ? { node: control(text.slice(at + 1, end)), end: end + 1 } : null;
  }
  if (char === ":") {
    const name = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/.exec(text.slice(at, at + 90));
    const found = name && emoji(name[1]!);
    return found ? { node: <span role="img" aria-label={name[1]!.replace(/_/g, " ")}>{found}</span>, end: at + name[0].length } : null;
  }
  if (char in MARKS) return markPiece(text, at);
  if (bareLinks && char === "h" && !WORD.test(text[at - 1] ?? " ")) {
    const url = /^https?:\/\/[^\s<>]+[^\s<>.,;:!?)'"]/.exec(text.slice(at));
    return url ? { node: <SafeLink href={unescapeSlack(url[0])}>{unescapeSlack(url[0])}</SafeLink>, end: at + url[0].length } : null;
  }
  return null;
}

function inline(text: string, bareLinks = true): ReactNode {
  const out: ReactNode[] = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const piece = pieceAt(text, at, bareLinks);
    if (!piece) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) out.push(unescapeSlack(plain));
    plain = "";
    out.push(piece.node);
    at = piece.end;
  }
  if (plain) out.push(unescapeSlack(plain));
  return out.map((node, n) => <Fragment key={n}>{node}</Fragment>);
}

function lines(text: string, bareLinks: boolean): ReactNode[] {
  const out: ReactNode[] = [];
  let quote: string[] = [];
  const flush = () => {
    if (quote.length) out.push(<blockquote key={`q${out.length}`}>{inline(quote.join("\n"), bareLinks)}</blockquote>);
    quote = [];
  };
  const rows = text.split("\n");
  rows.forEach((row, n) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(row);
    if (quoted) {
      quote.push(quoted[1]!);
      return;
    }
    flush();
    out.push(
      <Fragment key={`l${n}`}>
        {inline(row, bareLinks)}
        {n < rows.length - 1 ? "\n" : null}
      </Fragment>,
    );
  });
  flush();
  return out;
}

/** Slack's mrkdwn as a person reads it. The text comes entity-escaped, as Slack keeps it. */
export function Mrkdwn({ text, verbatim = false }: { text: string; verbatim?: boolean }): ReactNode {
  const parts = text.split("```");
  const fenced = parts.length % 2 === 1 ? parts : [text];
  return (
    <span className="mrkdwn">
      {fenced.map((part, n) =>
        n % 2 === 1 ? (
          <pre key={n} className="code-block">{unescapeSlack(part.replace(/^\n|\n$/g, ""))}</pre>
        ) : (
          <Fragment key={n}>{lines(part, !verbatim)}</Fragment>
        ),
      )}
    </span>
  );
}
