import { useContext, useId, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from "react";
import { asBase64 } from "../api";
import { Popup, onMenuKeys } from "../blocks/Popup";
import { ActionsContext } from "../blocks/surface";
import { emoji, searchEmoji } from "../text/emoji";
import { colleagues, useNames, type Names } from "../text/names";
import type { AppInfo, Command, Shortcut } from "../types";
import { EmojiPicker } from "./EmojiPicker";
import { Icon } from "./Icon";

/** What was typed and not sent, per person, place and thread: it outlives a change of channel. */
const drafts = new Map<string, { text: string; files: File[] }>();

interface Suggestion {
  key: string;
  title: string;
  hint?: string;
  /** What stands in the box once it is taken. */
  insert: string;
}

interface Props {
  draftKey: string;
  placeholder: string;
  channel: string;
  threadTs?: string;
  commands: Command[];
  shortcuts: Shortcut[];
  /** Files dropped on the conversation arrive here. */
  dropped?: { files: File[]; taken: () => void };
  onSent?: () => void;
}

function wordAt(text: string, caret: number): { word: string; start: number } {
  const start = Math.max(text.lastIndexOf(" ", caret - 1), text.lastIndexOf("\n", caret - 1)) + 1;
  return { word: text.slice(start, caret), start };
}

function suggestions(text: string, caret: number, commands: Command[], names: Names): Suggestion[] {
  if (text.startsWith("/") && !/\s/.test(text.slice(0, caret))) {
    const own: Command[] = [...commands, { command: "/invite", description: "Add someone, or an app, to this channel", usage_hint: "@name" }];
    return own
      .filter((c) => c.command.startsWith(text.slice(0, caret)))
      .map((c) => ({ key: c.command, title: `${c.command} ${c.usage_hint ?? ""}`.trim(), hint: c.description, insert: `${c.command} ` }));
  }
  const { word } = wordAt(text, caret);
  const wanted = word.slice(1).toLowerCase();
  if (word.startsWith("@")) {
    const people = colleagues(names);
    const apps = names.apps.map((a) => ({ name: appHandle(a, names), real_name: a.name, id: a.bot_user }));
    return [...people, ...apps]
      .filter((p) => p.name.toLowerCase().startsWith(wanted) || p.real_name.toLowerCase().includes(wanted))
      .slice(0, 6)
      .map((p) => ({ key: p.id, title: p.real_name, hint: `@${p.name}`, insert: `@${p.name} ` }));
  }
  if (word.startsWith("#")) {
    return [...names.channels.values()]
      .filter((c) => c.name.toLowerCase().startsWith(wanted) && (c as { kind?: string }).kind !== "dm")
      .slice(0, 6)
      .map((c) => ({ key: c.id, title: `#${c.name}`, insert: `#${c.name} ` }));
  }
  if (/^:[a-z0-9_+-]{2,}$/.test(word)) {
    return searchEmoji(wanted, 6).map((n) => ({ key: n, title: `${emoji(n)} :${n}:`, insert: `:${n}: ` }));
  }
  return [];
}

/** The person or app that a handle names, as the box completes it. */
function handleId(handle: string, names: Names): string {
  const wanted = handle.replace(/^@/, "").toLowerCase();
  const person = [...names.people.values()].find((p) => p.name.toLowerCase() === wanted);
  return person?.id ?? names.apps.find((a) => appHandle(a, names) === wanted)?.bot_user ?? "";
}

function appHandle(app: AppInfo, names: Names): string {
  return (names.people.get(app.bot_user)?.name ?? app.name).toLowerCase().replace(/\s+/g, "-");
}

/** Where a person writes: Enter sends, Shift+Enter breaks the line. */
export function Composer(props: Props): ReactNode {
  const { draftKey, placeholder, channel, threadTs, commands, shortcuts, dropped } = props;
  const { act } = useContext(ActionsContext);
  const names = useNames();
  const [draft, setDraft] = useState(() => drafts.get(draftKey) ?? { text: "", files: [] });
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [closedFor, setClosedFor] = useState("");
  const [sending, setSending] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const caretDue = useRef<number | null>(null);
  const listId = useId();
  const files = dropped ? [...draft.files, ...dropped.files] : draft.files;
  const found = closedFor === draft.text ? [] : suggestions(draft.text, caret, commands, names);

  const keep = (next: { text: string; files: File[] }) => {
    drafts.set(draftKey, next);
    setDraft(next);
  };
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    el.style.height = "auto";
    el.style.height = `${Math.min(el.scrollHeight, 220)}px`;
  }, [draft.text]);

  useLayoutEffect(() => {
    // Before the next key arrives: what is typed now belongs after the completed word.
    if (caretDue.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(caretDue.current, caretDue.current);
    caretDue.current = null;
  });

  const take = (suggestion: Suggestion) => {
    const { start } = draft.text.startsWith("/") && suggestion.insert.startsWith("/") ? { start: 0 } : wordAt(draft.text, caret);
    const text = draft.text.slice(0, start) + suggestion.insert + draft.text.slice(caret);
    const at = start + suggestion.insert.length;
    keep({ ...draft, text });
    setCaret(at);
    setActive(0);
    caretDue.current = at;
  };
  const send = async () => {
    const text = draft.text.trim();
    if ((!text && files.length === 0) || sending) return;
    const before = { text: draft.text, files };
    keep({ text: "", files: [] });
    dropped?.taken();
    setSending(true);
    const done = await sendAs(act, names, { channel, threadTs, text, files: before.files, commands });
    setSending(false);
    if (!done && !drafts.get(draftKey)?.text) keep(before);
    if (done) props.onSent?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (found.length > 0 && onSuggestionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };
  const onSuggestionKey = (event: KeyboardEvent): boolean => {
    const at = Math.min(active, found.length - 1);
    const complete = wordAt(draft.text, caret).word === found[at]!.insert.trim();
    if (event.key === "ArrowDown") setActive((at + 1) % found.length);
    else if (event.key === "ArrowUp") setActive((at + found.length - 1) % found.length);
    else if (event.key === "Escape") setClosedFor(draft.text);
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !complete)) take(found[at]!);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const addFiles = (list: Iterable<File> | null) => keep({ ...draft, files: [...draft.files, ...(list ?? [])] });
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    addFiles(event.clipboardData.files);
  };
  const dropFile = (file: File) => {
    const rest = files.filter((f) => f !== file);
    dropped?.taken();
    keep({ ...draft, files: rest });
  };
  return (
    <div className="composer">
      {found.length > 0 && (
        <ul className="suggestions" id={listId} role="listbox" aria-label="Suggestions">
          {found.map((s, n) => (
            <li key={s.key} id={`${listId}-${n}`} role="option" aria-selected={n === Math.min(active, found.length - 1)} onPointerDown={(e) => { e.preventDefault(); take(s); }}>
              <b>{s.title}</b>
              {s.hint && <span className="faint">{s.hint}</span>}
            </li>
          ))}
        </ul>
      )}
      {files.length > 0 && (
        <ul className="chips" aria-label="Files to send">
          {files.map((file, n) => (
            <li key={`${file.name}${n}`} className="chip">
              {file.name}
              <button type="button" aria-label={`Remove ${file.name}`} onClick={() => dropFile(file)}>×</button>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={box}
        rows={1}
        className="composer-text"
        role="textbox"
        aria-label={placeholder}
        aria-multiline="true"
        aria-autocomplete="list"
        aria-controls={found.length > 0 ? listId : undefined}
        aria-activedescendant={found.length > 0 ? `${listId}-${Math.min(active, found.length - 1)}` : undefined}
        placeholder={placeholder}
        value={draft.text}
        onChange={(event) => { keep({ ...draft, text: event.target.value }); setCaret(event.target.selectionStart); setActive(0); }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <Tools shortcuts={threadTs ? [] : shortcuts} canSend={Boolean(draft.text.trim() || files.length) && !sending} onFiles={addFiles} onSend={() => void send()} onEmoji={(name) => keep({ ...draft, text: `${draft.text}:${name}: ` })} />
    </div>
  );
}

interface Sending {
  channel: string;
  threadTs?: string;
  text: string;
  files: File[];
  commands: Command[];
}

async function sendAs(act: (what: Record<string, unknown>) => Promise<unknown>, names: Names, { channel, threadTs, text, files, commands }: Sending): Promise<boolean> {
  const thread = threadTs ? { thread_ts: threadTs } : {};
  if (files.length > 0) {
    const sent = await Promise.all(files.map(async (file) => ({ name: file.name, base64: await asBase64(file) })));
    return (await act({ do: "drop", channel, ...thread, text, files: sent })) !== null;
  }
  const word = text.split(/\s/)[0]!;
  const own = commands.some((c) => c.command === word);
  if (word === "/invite" && !own) {
    const user = handleId(text.split(/\s+/)[1] ?? "", names);
    return (await act({ do: "invite", channel, user })) !== null;
  }
  if (/^\/[a-z0-9_-]+$/i.test(word)) return (await act({ do: "command", channel, text })) !== null;
  return (await act({ do: "type", channel, text, ...thread })) !== null;
}

interface ToolsProps {
  shortcuts: Shortcut[];
  canSend: boolean;
  onFiles: (files: FileList | null) => void;
  onSend: () => void;
  onEmoji: (name: string) => void;
}

function Tools({ shortcuts, canSend, onFiles, onSend, onEmoji }: ToolsProps): ReactNode {
  const { act } = useContext(ActionsContext);
  const input = useRef<HTMLInputElement>(null);
  const bolt = useRef<HTMLButtonElement>(null);
  const smile = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState<"" | "shortcuts" | "emoji">("");
  return (
    <div className="composer-tools">
      <button type="button" className="tool" aria-label="Add files" title="Add files" onClick={() => input.current?.click()}><Icon name="plus" /></button>
      <input ref={input} type="file" multiple hidden aria-label="Files to send" onChange={(event) => { onFiles(event.target.files); event.target.value = ""; }} />
      <button ref={smile} type="button" className="tool" aria-label="Emoji" title="Emoji" aria-expanded={open === "emoji"} onClick={() => setOpen("emoji")}><Icon name="smile" /></button>
      {open === "emoji" && <EmojiPicker anchor={smile} onClose={() => setOpen("")} onPick={onEmoji} />}
      {shortcuts.length > 0 && (
        <button ref={bolt} type="button" className="tool" aria-label="Shortcuts" title="Shortcuts" aria-haspopup="menu" aria-expanded={open === "shortcuts"} onClick={() => setOpen("shortcuts")}><Icon name="bolt" /></button>
      )}
      {open === "shortcuts" && (
        <Popup anchor={bolt} onClose={() => setOpen("")} className="menu">
          <div role="menu" aria-label="Shortcuts" onKeyDown={onMenuKeys}>
            {shortcuts.map((shortcut, n) => (
              <button key={shortcut.callback_id} type="button" role="menuitem" autoFocus={n === 0} onClick={() => { setOpen(""); void act({ do: "shortcut", callback_id: shortcut.callback_id }); }}>
                {shortcut.name}
                {shortcut.description && <small>{shortcut.description}</small>}
              </button>
            ))}
          </div>
        </Popup>
      )}
      <button type="button" className="send" aria-label="Send" title="Send (Enter)" disabled={!canSend} onClick={onSend}><Icon name="send" /></button>
    </div>
  );
}
