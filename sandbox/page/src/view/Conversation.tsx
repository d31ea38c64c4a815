import { useContext, useEffect, useRef, useState, type DragEvent, type ReactNode } from "react";
import { ActionsContext } from "../blocks/surface";
import { personName, useNames } from "../text/names";
import type { Channel, Conversation as Conv, Seen } from "../types";
import { Composer } from "./Composer";
import { Icon } from "./Icon";
import { ChannelDetails } from "./Lists";
import { MessageList } from "./MessageList";

interface Props {
  seen: Seen;
  conversation: Conv;
  channel?: Channel;
  onThread: (ts: string) => void;
  at?: string;
  title?: ReactNode;
  menuButton: ReactNode;
}

export function placeTitle(conversation: Conv, name: string): string {
  return conversation.kind === "dm" ? name : `${conversation.kind === "private" ? "" : "# "}${name}`;
}

/** Files dragged onto the conversation wait in its composer. */
export function useDrop(): { over: boolean; files: File[]; clear: () => void; handlers: Record<string, (event: DragEvent) => void> } {
  const [over, setOver] = useState(false);
  const [files, setFiles] = useState<File[]>([]);
  const depth = useRef(0);
  const handlers = {
    onDragEnter: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      depth.current += 1;
      setOver(true);
    },
    onDragLeave: () => {
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    },
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      setFiles((before) => [...before, ...event.dataTransfer.files]);
    },
  };
  return { over, files, clear: () => setFiles([]), handlers };
}

function useRead(conversation: Conv): void {
  const { act } = useContext(ActionsContext);
  const [visible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const onChange = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  useEffect(() => {
    if (visible && conversation.unread > 0) void act({ do: "read", channel: conversation.id });
  }, [act, visible, conversation.id, conversation.unread]);
}

/** A channel or direct message: its head, what was said, and where to write. */
export function Conversation({ seen, conversation, channel, onThread, at, title, menuButton }: Props): ReactNode {
  const names = useNames();
  const [details, setDetails] = useState(false);
  const drop = useDrop();
  useRead(conversation);
  const name = conversation.kind === "dm" ? personName(names, conversation.with ?? "") : conversation.name;
  const messages = seen.messages[conversation.id] ?? [];
  const heading = placeTitle(conversation, name);
  const members = (conversation.members ?? channel?.members ?? []).length;
  return (
    <main className="place" aria-label={name} {...drop.handlers}>
      {title ?? (
        <header className="place-head">
          {menuButton}
          <h1>{conversation.kind === "private" && <Icon name="lock" size={16} />}{heading}</h1>
          {conversation.shared && <span className="tag">Shared with another company</span>}
          {conversation.archived && <span className="tag">Archived</span>}
          {conversation.topic && <span className="place-topic faint">{conversation.topic}</span>}
          {conversation.kind !== "dm" && <button type="button" className="members-button" aria-label={`Members of ${name}: ${members}`} onClick={() => setDetails(true)}><Icon name="people" size={15} /> {members}</button>}
        </header>
      )}
      <MessageList
        key={`${seen.me.id}${conversation.id}`}
        label={`Messages in ${name}`}
        channel={conversation.id}
        messages={messages}
        shortcuts={seen.shortcuts.filter((s) => s.type === "message")}
        onThread={onThread}
        at={at}
        empty={conversation.kind === "dm" ? `This is the start of your messages with ${name}.` : `Nothing has been said in ${name} yet.`}
      />
      <Foot seen={seen} conversation={conversation} name={name} heading={heading} dropped={{ files: drop.files, taken: drop.clear }} />
      {drop.over && <div className="drop-here">Drop files to send them to {name}</div>}
      {details && <ChannelDetails conversation={conversation} channel={channel} onClose={() => setDetails(false)} />}
    </main>
  );
}

interface FootProps {
  seen: Seen;
  conversation: Conv;
  name: string;
  heading: string;
  dropped: { files: File[]; taken: () => void };
}

/** Where one writes, or why one cannot. */
function Foot({ seen, conversation, name, heading, dropped }: FootProps): ReactNode {
  const { act } = useContext(ActionsContext);
  if (conversation.archived) return <div className="place-note">This channel is archived. Nobody can write here.</div>;
  if (!conversation.is_member) {
    return (
      <div className="place-note">
        You are not in {name}.
        <button type="button" className="button button-primary" onClick={() => void act({ do: "join", channel: conversation.id })}>Join channel</button>
      </div>
    );
  }
  return (
    <Composer
      key={`${seen.me.id}${conversation.id}`}
      draftKey={`${seen.me.id}/${conversation.id}`}
      placeholder={`Message ${heading.replace(/^# /, "#")}`}
      channel={conversation.id}
      commands={seen.commands}
      shortcuts={seen.shortcuts.filter((s) => s.type === "global")}
      dropped={dropped}
    />
  );
}
