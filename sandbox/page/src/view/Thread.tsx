import type { KeyboardEvent, ReactNode } from "react";
import { personName, useNames } from "../text/names";
import type { Conversation, Seen } from "../types";
import { Composer } from "./Composer";
import { useDrop } from "./Conversation";
import { MessageList } from "./MessageList";
import { Icon } from "./Icon";

interface Props {
  seen: Seen;
  conversation: Conversation;
  ts: string;
  onClose: () => void;
}

/** A thread beside its channel: the first message, the answers, a box to answer. */
export function Thread({ seen, conversation, ts, onClose }: Props): ReactNode {
  const names = useNames();
  const drop = useDrop();
  const parent = (seen.messages[conversation.id] ?? []).find((m) => m.ts === ts);
  const name = conversation.kind === "dm" ? personName(names, conversation.with ?? "") : `#${conversation.name}`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
  };
  return (
    <aside className="thread" aria-label="Thread" onKeyDown={onKeyDown} {...drop.handlers}>
      <header className="place-head">
        <h2>Thread</h2>
        <span className="faint">{name}</span>
        <button type="button" className="icon-button dialog-x" aria-label="Close thread" title="Close thread" onClick={onClose}><Icon name="close" /></button>
      </header>
      {!parent && <p className="empty">The message that began this thread is gone.</p>}
      {parent && (
        <MessageList
          key={ts}
          label="Messages in the thread"
          channel={conversation.id}
          messages={[{ ...parent, replies: [] }, ...(parent.replies ?? [])]}
          shortcuts={seen.shortcuts.filter((s) => s.type === "message")}
          empty=""
          days={false}
        />
      )}
      {parent && conversation.is_member && !conversation.archived && (
        <Composer
          key={`${seen.me.id}${ts}`}
          draftKey={`${seen.me.id}/${conversation.id}/${ts}`}
          placeholder="Reply"
          channel={conversation.id}
          threadTs={ts}
          commands={[]}
          shortcuts={[]}
          dropped={{ files: drop.files, taken: drop.clear }}
        />
      )}
      {drop.over && <div className="drop-here">Drop files to send them to this thread</div>}
    </aside>
  );
}
