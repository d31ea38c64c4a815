import { memo, useContext, useRef, useState, type ReactNode } from "react";
import { Blocks } from "../blocks/Blocks";
import { Popup, onMenuKeys } from "../blocks/Popup";
import { richTextWords } from "../blocks/state";
import { ActionsContext, SurfaceProvider } from "../blocks/surface";
import { CannotShow } from "../blocks/Unknown";
import { fullTime, timeOf } from "../text/dates";
import { emoji } from "../text/emoji";
import { safeImage } from "../text/links";
import { Mrkdwn, SafeLink, unescapeSlack } from "../text/mrkdwn";
import { personName, useNames, type Names } from "../text/names";
import type { Message, Shortcut, SlackFile } from "../types";
import { Avatar } from "./Avatar";
import { EmojiPicker } from "./EmojiPicker";
import { Icon } from "./Icon";

interface Author {
  id: string;
  name: string;
  app: boolean;
}

export function authorOf(message: Message, names: Names): Author {
  const app = names.apps.find((a) => a.bot_id === message.bot_id || a.id === message.app_id || (message.user && a.bot_user === message.user));
  if (app) return { id: app.bot_user, name: app.name, app: true };
  const id = message.user ?? message.bot_id ?? "";
  return { id, name: id ? personName(names, id) : "Unknown", app: Boolean(message.bot_id) };
}

function Files({ files }: { files: SlackFile[] }): ReactNode {
  return (
    <div className="files">
      {files.map((file) => {
        const src = safeImage(file.url);
        if (src && file.mimetype?.startsWith("image/")) {
          return (
            <figure key={file.id} className="file-image">
              <figcaption className="faint">{file.name}</figcaption>
              <a href={src} target="_blank" rel="noreferrer noopener"><img className="picture" src={src} alt={file.alt || file.name} /></a>
            </figure>
          );
        }
        return (
          <div key={file.id} className="file-row">
            <Icon name="file" />
            {src ? <SafeLink href={src}>{file.name}</SafeLink> : file.name}
            <span className="faint">{file.mimetype}</span>
          </div>
        );
      })}
    </div>
  );
}

function Reactions({ message, onToggle }: { message: Message; onToggle: (name: string, mine: boolean) => void }): ReactNode {
  const names = useNames();
  const shown = (message.reactions ?? []).filter((r) => r.users.length > 0);
  if (shown.length === 0) return null;
  return (
    <div className="reactions" aria-label="Reactions">
      {shown.map((reaction) => {
        const mine = Boolean(names.me && reaction.users.includes(names.me.id));
        const who = reaction.users.map((id) => personName(names, id)).join(", ");
        return (
          <button
            key={reaction.name}
            type="button"
            className={mine ? "reaction reaction-mine" : "reaction"}
            aria-pressed={mine}
            title={`${who} reacted with :${reaction.name}:`}
            aria-label={`${reaction.name.replace(/_/g, " ")}, ${reaction.users.length}: ${who}`}
            onClick={() => onToggle(reaction.name, mine)}
          >
            {emoji(reaction.name) ?? `:${reaction.name}:`} <span>{reaction.users.length}</span>
          </button>
        );
      })}
    </div>
  );
}

/** A person's words as they typed them: the rich text keeps them, the text has mentions and entities in it. */
function typedWords(message: Message): string {
  const block = message.blocks?.[0];
  return (block?.type === "rich_text" && richTextWords(block)) || unescapeSlack(message.text ?? "");
}

function EditBox({ message, channel, onDone }: { message: Message; channel: string; onDone: () => void }): ReactNode {
  const { act } = useContext(ActionsContext);
  const [text, setText] = useState(() => typedWords(message));
  const save = async () => {
    if (text.trim() && text !== message.text) await act({ do: "edit", in: { channel, ts: message.ts }, text });
    onDone();
  };
  return (
    <div className="edit-box">
      <textarea
        className="text"
        aria-label="Edit message"
        value={text}
        autoFocus
        rows={Math.min(8, text.split("\n").length + 1)}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onDone();
          } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <div className="edit-buttons">
        <button type="button" className="button" onClick={onDone}>Cancel</button>
        <button type="button" className="button button-primary" onClick={() => void save()}>Save</button>
      </div>
    </div>
  );
}

interface MenuProps {
  message: Message;
  channel: string;
  mine: boolean;
  shortcuts: Shortcut[];
  onEdit: () => void;
  onThread?: () => void;
}

/** What can be done with a message: react, answer, more. */
function MessageMenu({ message, channel, mine, shortcuts, onEdit, onThread }: MenuProps): ReactNode {
  const { act, confirm } = useContext(ActionsContext);
  const [open, setOpen] = useState<"" | "emoji" | "more">("");
  const smile = useRef<HTMLButtonElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const where = { channel, ts: message.ts };
  const remove = async () => {
    setOpen("");
    const dialog = { title: "Delete message", text: "Are you sure? This cannot be undone.", confirm: "Delete", deny: "Cancel", style: "danger" };
    if (await confirm(dialog)) await act({ do: "delete", in: where });
  };
  return (
    <div className={open ? "message-menu message-menu-open" : "message-menu"} role="toolbar" aria-label="Message actions">
      <button ref={smile} type="button" aria-label="Add reaction" title="Add reaction" aria-expanded={open === "emoji"} onClick={() => setOpen("emoji")}><Icon name="smile" /></button>
      {onThread && <button type="button" aria-label="Reply in thread" title="Reply in thread" onClick={onThread}><Icon name="thread" /></button>}
      <button ref={more} type="button" aria-label="More actions" title="More actions" aria-haspopup="menu" aria-expanded={open === "more"} onClick={() => setOpen("more")}><Icon name="more" /></button>
      {open === "emoji" && (
        <EmojiPicker anchor={smile} onClose={() => setOpen("")} onPick={(name) => void act({ do: "react", in: where, name })} />
      )}
      {open === "more" && (
        <Popup anchor={more} onClose={() => setOpen("")} className="menu" align="right">
          <div role="menu" aria-label="More actions" onKeyDown={onMenuKeys}>
            {shortcuts.map((shortcut, n) => (
              <button key={shortcut.callback_id} type="button" role="menuitem" autoFocus={n === 0} onClick={() => { setOpen(""); void act({ do: "shortcut", callback_id: shortcut.callback_id, in: where }); }}>
                {shortcut.name}
                {shortcut.description && <small>{shortcut.description}</small>}
              </button>
            ))}
            {mine && <button type="button" role="menuitem" onClick={() => { setOpen(""); onEdit(); }}>Edit message</button>}
            {mine && <button type="button" role="menuitem" className="danger" onClick={() => void remove()}>Delete message</button>}
            {!mine && shortcuts.length === 0 && <p className="faint">Nothing more to do here.</p>}
          </div>
        </Popup>
      )}
    </div>
  );
}

export interface MessageProps {
  message: Message;
  channel: string;
  /** Follows a message of the same author: name and picture are not said again. */
  follows?: boolean;
  shortcuts?: Shortcut[];
  onThread?: (ts: string) => void;
  still?: boolean;
}

/** One message. */
export const MessageView = memo(function MessageView({ message, channel, follows = false, shortcuts = [], onThread, still = false }: MessageProps): ReactNode {
  const names = useNames();
  const { act } = useContext(ActionsContext);
  const [editing, setEditing] = useState(false);
  const author = authorOf(message, names);
  const mine = Boolean(names.me && message.user === names.me.id && !message.bot_id && !message.ephemeral);
  const where = { channel, ts: message.ts };
  const quiet = follows && !message.ephemeral;
  const time = timeOf(message.ts, names.clock);
  const toggle = (name: string, isMine: boolean) => void act({ do: isMine ? "unreact" : "react", in: where, name });
  return (
    <article
      className={`message${message.ephemeral ? " message-ephemeral" : ""}${quiet ? " message-follows" : ""}`}
      data-ts={message.ts}
      data-channel={channel}
      data-ephemeral={message.ephemeral || undefined}
      aria-label={`${author.name}, ${time}`}
      tabIndex={-1}
    >
      {message.ephemeral && (
        <div className="only-you">
          <Icon name="eye" size={14} />
          <span>Only visible to you</span>
          {!still && <button type="button" className="link" onClick={() => void act({ do: "dismiss", in: where })}>Dismiss</button>}
        </div>
      )}
      <div className="message-row">
        <div className="message-side">
          {quiet ? <time className="message-small-time">{time}</time> : <Avatar id={author.id} name={author.name} person={names.people.get(author.id)} app={author.app} />}
        </div>
        <div className="message-body">
          {!quiet && (
            <div className="message-head">
              <b className="message-author">{author.name}</b>
              {author.app && <span className="app-badge">APP</span>}
              <time className="faint" dateTime={new Date(Number(message.ts) * 1000).toISOString()} title={fullTime(message.ts, names.clock)}>{time}</time>
            </div>
          )}
          {editing ? <EditBox message={message} channel={channel} onDone={() => setEditing(false)} /> : <Words message={message} channel={channel} />}
          {(message.attachments?.length ?? 0) > 0 && <CannotShow what="attachments" why="this page draws blocks only" />}
          {message.files && message.files.length > 0 && <Files files={message.files} />}
          <Reactions message={message} onToggle={toggle} />
          {onThread && (message.replies?.length ?? 0) > 0 && <ThreadLink message={message} onThread={onThread} />}
        </div>
      </div>
      {!still && !message.ephemeral && !message.deleted && !editing && (
        <MessageMenu {...{ message, channel, mine, shortcuts }} onEdit={() => setEditing(true)} onThread={onThread && (() => onThread(message.ts))} />
      )}
    </article>
  );
});

/** People's own words arrive as one rich text block that only repeats the text; apps' blocks replace the text. */
function Words({ message, channel }: { message: Message; channel: string }): ReactNode {
  const edited = message.edited ? <span className="faint edited"> (edited)</span> : null;
  const blocks = message.blocks ?? [];
  const byPerson = !message.bot_id && blocks.every((block) => block.type === "rich_text");
  if (blocks.length === 0 || byPerson) {
    if (!message.text) return edited;
    return <div className="message-text"><Mrkdwn text={message.text} />{edited}</div>;
  }
  return (
    <SurfaceProvider id={`m${channel}-${message.ts}`} kind="message" where={{ channel, ts: message.ts }} values={message.values}>
      <div className="blocks"><Blocks blocks={blocks} /></div>
      {edited}
    </SurfaceProvider>
  );
}

function ThreadLink({ message, onThread }: { message: Message; onThread: (ts: string) => void }): ReactNode {
  const names = useNames();
  const replies = message.replies ?? [];
  const last = replies[replies.length - 1]!;
  return (
    <button type="button" className="thread-link" onClick={() => onThread(message.ts)}>
      <b>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</b>
      <span className="faint"> Last {timeOf(last.ts, names.clock)}</span>
    </button>
  );
}
