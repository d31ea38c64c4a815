// Block Kit payloads are open-ended JSON: the page reads them defensively instead of typing every block.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = Record<string, any>;

export interface Person {
  id: string;
  team: string;
  name: string;
  real_name: string;
  email?: string;
  title?: string;
  tz?: string;
  locale?: string;
  kind: string;
  color?: string;
  /** Notifications are paused now. */
  dnd?: boolean;
}

export interface Channel {
  id: string;
  team: string;
  name: string;
  kind: "public" | "private" | "dm";
  archived: boolean;
  shared: boolean;
  topic?: string;
  members: string[];
}

export interface AppInfo {
  id: string;
  team?: string;
  name: string;
  bot_user: string;
  bot_id: string;
  connected?: number;
  description?: string;
}

export interface World {
  teams: { id: string; name: string; domain?: string }[];
  people: Person[];
  channels: Channel[];
  apps: AppInfo[];
}

export interface Conversation {
  id: string;
  name: string;
  kind: "public" | "private" | "dm";
  with?: string;
  archived: boolean;
  shared: boolean;
  topic?: string;
  unread: number;
  is_member: boolean;
  members?: string[];
}

export interface SlackFile {
  id: string;
  name: string;
  mimetype?: string;
  url?: string;
  alt?: string;
}

export interface Message {
  ts: string;
  thread_ts?: string | null;
  user?: string | null;
  bot_id?: string | null;
  app_id?: string | null;
  text?: string;
  blocks?: Json[];
  files?: SlackFile[];
  edited?: boolean | Json;
  reactions?: { name: string; users: string[] }[];
  ephemeral?: boolean;
  subtype?: string | null;
  replies?: Message[];
  /** What this person chose in the message's elements. */
  values?: StateValues;
  deleted?: boolean;
  attachments?: Json[];
}

/** Slack's view state: block_id, then action_id, then the element's value object. */
export type StateValues = Record<string, Record<string, Json>>;

export interface Modal {
  id: string;
  view: Json;
  values?: StateValues;
  errors?: Record<string, string>;
  busy?: boolean;
}

export interface Notice {
  id: string;
  kind: string;
  text: string;
  channel?: string | null;
  at?: number | string;
}

export interface Command {
  command: string;
  description?: string;
  usage_hint?: string;
}

export interface Shortcut {
  name: string;
  type: "global" | "message";
  callback_id: string;
  description?: string;
}

export interface Seen {
  version: number;
  me: Person;
  conversations: Conversation[];
  browsable: { id: string; name: string; topic?: string }[];
  messages: Record<string, Message[]>;
  home: Json | null;
  modals: Modal[];
  notices: Notice[];
  commands: Command[];
  shortcuts: Shortcut[];
}

/** Where an interactive element stands, in the words of the control API. */
export type Where = { channel: string; ts: string } | "home" | "modal";

export interface FileUpload {
  name: string;
  base64: string;
}
