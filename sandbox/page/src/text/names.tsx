import { createContext, useContext, type ReactNode } from "react";
import type { AppInfo, Channel, Conversation, Person } from "../types";
import { clockOf, type Clock } from "./dates";

/** What texts need to show names and times as the acting person would read them. */
export interface Names {
  people: Map<string, Person>;
  channels: Map<string, { id: string; name: string }>;
  apps: AppInfo[];
  me: Person | null;
  clock: Clock;
  openChannel?: (id: string) => void;
  actAs?: (id: string) => void;
}

const NO_NAMES: Names = { people: new Map(), channels: new Map(), apps: [], me: null, clock: clockOf(null) };

export const NamesContext = createContext<Names>(NO_NAMES);
export const useNames = (): Names => useContext(NamesContext);

export function makeNames(
  people: Person[],
  channels: (Channel | Conversation)[],
  apps: AppInfo[],
  me: Person | null,
  openChannel?: (id: string) => void,
  actAs?: (id: string) => void,
): Names {
  const byId = new Map(people.map((p) => [p.id, p]));
  return { people: byId, channels: new Map(channels.map((c) => [c.id, c])), apps, me, clock: clockOf(me), openChannel, actAs };
}

export function personName(names: Names, id: string): string {
  const app = names.apps.find((a) => a.bot_user === id || a.bot_id === id);
  if (app) return app.name;
  const person = names.people.get(id);
  return person ? person.real_name || person.name : id;
}

/** People of the acting person's own team who can be written to or chosen. */
export function colleagues(names: Names): Person[] {
  return [...names.people.values()].filter((p) => p.kind !== "deactivated" && p.kind !== "bot" && (!names.me || p.team === names.me.team));
}

export function UserMention({ id }: { id: string }): ReactNode {
  const names = useNames();
  const mine = names.me?.id === id;
  return (
    <span className={mine ? "mention mention-me" : "mention"} data-user={id}>
      @{personName(names, id)}
    </span>
  );
}

export function ChannelMention({ id, label }: { id: string; label?: string }): ReactNode {
  const names = useNames();
  const name = names.channels.get(id)?.name || label;
  const open = names.openChannel;
  if (!name) return <span className="mention">#private channel</span>;
  if (!open || !names.channels.has(id)) return <span className="mention">#{name}</span>;
  return (
    <button type="button" className="mention mention-link" onClick={() => open(id)}>
      #{name}
    </button>
  );
}

export function Broadcast({ range }: { range: string }): ReactNode {
  return <span className="mention mention-me">@{range}</span>;
}
