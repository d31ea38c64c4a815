import { useEffect, useState, type ReactNode } from "react";
import { fetchBanner } from "../api";
import { Mrkdwn } from "../text/mrkdwn";
import { ChannelMention, colleagues, useNames } from "../text/names";
import type { Notice } from "../types";
import { Icon } from "./Icon";

const MARKS: Record<string, string> = { timeout: "⏱", error: "⚠", info: "ℹ" };

/** What Slack, or this page, has to tell the person. */
export function Toasts({ notices, onDismiss }: { notices: Notice[]; onDismiss: (notice: Notice) => void }): ReactNode {
  return (
    <div className="toasts" role="region" aria-label="Notices">
      {notices.map((notice) => (
        <div key={notice.id} className={`toast toast-${notice.kind}`} role="alert" data-notice={notice.kind}>
          <span aria-hidden="true">{MARKS[notice.kind] ?? "ℹ"}</span>
          <span className="toast-text"><Mrkdwn text={notice.text} /></span>
          <button type="button" className="icon-button" aria-label="Dismiss notice" onClick={() => onDismiss(notice)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}

function BannerLine({ line }: { line: string }): ReactNode {
  const names = useNames();
  const channels = new Map([...names.channels.values()].map((c) => [`#${c.name}`, c.id]));
  const people = new Map(colleagues(names).map((p) => [p.real_name, p.id]));
  const known = [...channels.keys(), ...people.keys()].filter(Boolean).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${known.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?![\\w-])`);
  return (
    <>
      {line.split(known.length ? pattern : /$^/).map((part, n) => {
        const channel = channels.get(part);
        if (channel) return <ChannelMention key={n} id={channel} />;
        const person = people.get(part);
        if (!person) return part;
        return <button key={n} type="button" className="mention mention-link" title={`Act as ${part}`} onClick={() => names.actAs?.(person)}>{part}</button>;
      })}
    </>
  );
}

const EVERY = 15_000;

/** What is happening here and what to try next, until the person closes it. */
export function Banner(): ReactNode {
  const [banner, setBanner] = useState<{ title: string; lines: string[] } | null>(null);
  const [closed, setClosed] = useState(() => sessionStorage.getItem("banner-closed") ?? "");
  // On a phone the words would take a third of the screen: there the list opens on a tap.
  const [open, setOpen] = useState(() => !matchMedia("(max-width: 760px)").matches);
  useEffect(() => {
    let stop = false;
    let timer: ReturnType<typeof setTimeout>;
    const load = async () => {
      const next = await fetchBanner().catch(() => null);
      if (stop) return;
      setBanner(next);
      timer = setTimeout(() => void load(), EVERY);
    };
    void load();
    return () => {
      stop = true;
      clearTimeout(timer);
    };
  }, []);
  if (!banner || closed === banner.title) return null;
  const close = () => {
    sessionStorage.setItem("banner-closed", banner.title);
    setClosed(banner.title);
  };
  return (
    <section className="banner" aria-label="What is happening here">
      <div className="banner-words">
        <button type="button" className="banner-title" aria-expanded={open} onClick={() => setOpen(!open)}>
          {banner.title} <span className="banner-more">{open ? "" : "What to try ▾"}</span>
        </button>
        {open && banner.lines.length > 0 && <ul>{banner.lines.map((line, n) => <li key={n}><BannerLine line={line} /></li>)}</ul>}
      </div>
      <button type="button" className="icon-button" aria-label="Dismiss banner" onClick={close}><Icon name="close" /></button>
    </section>
  );
}
