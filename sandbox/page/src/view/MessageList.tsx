import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { dayHeading, isoDay } from "../text/dates";
import { useNames } from "../text/names";
import type { Message, Shortcut } from "../types";
import { MessageView, authorOf } from "./MessageView";

interface Props {
  label: string;
  channel: string;
  messages: Message[];
  shortcuts: Shortcut[];
  onThread?: (ts: string) => void;
  empty: string;
  /** Slack draws no day lines in a thread. */
  days?: boolean;
  /** A message to bring into view, from a permalink. */
  at?: string;
}

const CLOSE_BY = 300;

/** Messages, oldest first. The view stays where the reader is; at the end it follows what arrives. */
export function MessageList({ label, channel, messages, shortcuts, onThread, empty, days = true, at = "" }: Props): ReactNode {
  const names = useNames();
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [below, setBelow] = useState(false);
  const last = messages[messages.length - 1]?.ts;

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    if (atEnd.current) el.scrollTop = el.scrollHeight;
    else setBelow(true);
  }, [last, messages.length]);
  useEffect(() => {
    // Pictures that load later must not push the newest message out of sight.
    const watch = new ResizeObserver(() => {
      if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    if (inner.current) watch.observe(inner.current);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const found = at ? inner.current?.querySelector<HTMLElement>(`[data-ts="${CSS.escape(at)}"]`) : null;
    if (!found) return;
    atEnd.current = false;
    found.scrollIntoView({ block: "center" });
    found.focus({ preventScroll: true });
    found.classList.add("message-found");
  }, [at]);
  const onScroll = () => {
    const el = box.current!;
    // What grew by itself (a picture that loaded) is no scrolling of the reader's.
    const grew = el.scrollHeight !== height.current;
    height.current = el.scrollHeight;
    if (grew && atEnd.current) {
      el.scrollTop = el.scrollHeight;
      return;
    }
    atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
    if (atEnd.current) setBelow(false);
  };
  const toEnd = () => {
    const el = box.current!;
    el.scrollTop = el.scrollHeight;
    setBelow(false);
  };
  return (
    <div className="messages-frame">
      <div ref={box} className="messages" onScroll={onScroll} role="log" aria-label={label} aria-live="polite" tabIndex={0}>
        <div ref={inner} className={days ? "messages-inner messages-low" : "messages-inner"}>
          {messages.length === 0 && <p className="empty">{empty}</p>}
          {messages.map((message, n) => {
            const before = messages[n - 1];
            const newDay = days && (!before || dayOf(before, names.clock) !== dayOf(message, names.clock));
            return (
              <div key={`${message.ephemeral ? "e" : ""}${message.ts}`}>
                {newDay && <div className="day"><span>{dayHeading(message.ts, names.clock, new Date())}</span></div>}
                <MessageView {...{ message, channel, shortcuts, onThread }} follows={!newDay && before !== undefined && followsOn(before, message)} />
              </div>
            );
          })}
        </div>
      </div>
      {below && <button type="button" className="new-below" onClick={toEnd}>New messages ↓</button>}
    </div>
  );

  function dayOf(message: Message, clock: typeof names.clock): string {
    return isoDay(new Date(Number(message.ts) * 1000), clock);
  }

  function followsOn(before: Message, message: Message): boolean {
    if (before.ephemeral || message.ephemeral || (before.replies?.length ?? 0) > 0) return false;
    if (message.blocks?.some((block) => block.type === "header")) return false;
    const close = Number(message.ts) - Number(before.ts) < CLOSE_BY;
    return close && authorOf(before, names).id === authorOf(message, names).id;
  }
}
