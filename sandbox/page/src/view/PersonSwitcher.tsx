import { useEffect, useRef, useState, type ReactNode } from "react";
import { Dialog } from "./Dialog";
import { clockOf, timeOf } from "../text/dates";
import type { Person, World } from "../types";
import { Avatar } from "./Avatar";
import { Icon } from "./Icon";

const KINDS: Record<string, string> = {
  admin: "Admin",
  guest: "Guest",
  single_channel_guest: "Guest in one channel",
  external: "From another company",
  deactivated: "Deactivated",
};

export function zoneWords(person: Person): string {
  const clock = clockOf(person);
  const city = clock.tz.split("/").pop()!.replace(/_/g, " ");
  return `${city} ${timeOf(Date.now() / 1000, clock)}`;
}

export function roleWords(person: Person): string {
  return [person.title, KINDS[person.kind]].filter(Boolean).join(" · ");
}

/** Refreshes whatever shows a clock, once a minute. */
function useMinutes(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
}

export function PersonButton({ me, onOpen, compact = false }: { me: Person; onOpen: () => void; compact?: boolean }): ReactNode {
  useMinutes();
  const name = me.real_name || me.name;
  return (
    <button type="button" className={compact ? "person-button person-compact" : "person-button"} aria-haspopup="dialog" aria-label={compact ? `Acting as ${name}` : undefined} title="Act as someone else" onClick={onOpen}>
      <Avatar id={me.id} name={name} person={me} size={compact ? 30 : 36} />
      {!compact && (
        <span className="person-words">
          <small>Acting as </small>
          <b>{name}</b>
          {roleWords(me) && <small>{roleWords(me)}</small>}
          <small>{zoneWords(me)}</small>
        </span>
      )}
      {!compact && <span className="select-arrow" aria-hidden="true" />}
    </button>
  );
}

/** The list of everyone one can act as. */
export function PersonSwitcher({ world, me, onPick, onClose }: { world: World; me: string; onPick: (id: string) => void; onClose: () => void }): ReactNode {
  const [query, setQuery] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const wanted = query.trim().toLowerCase();
  const several = world.teams.length > 1;
  const people = world.people
    .filter((p) => p.kind !== "bot")
    .filter((p) => `${p.real_name} ${p.name} ${p.title ?? ""} ${KINDS[p.kind] ?? ""}`.toLowerCase().includes(wanted));
  const teamName = (id: string) => world.teams.find((t) => t.id === id)?.name ?? id;
  return (
    <Dialog label="Act as someone else" onEscape={onClose} className="dialog-people">
      <header className="dialog-head">
        <h2>Who do you want to be?</h2>
        <button type="button" className="icon-button dialog-x" aria-label="Exit" onClick={onClose}><Icon name="close" /></button>
      </header>
      <div className="dialog-body">
        <input
          className="text"
          type="search"
          data-first-focus
          aria-label="Find a person"
          placeholder="Find a person, a role"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && people[0] && people[0].kind !== "deactivated") onPick(people[0].id);
            if (event.key === "ArrowDown") {
              event.preventDefault();
              list.current?.querySelector<HTMLElement>("button:not([disabled])")?.focus();
            }
          }}
        />
        <ul ref={list} className="people-list" aria-label="People">
          {people.map((person) => {
            const name = person.real_name || person.name;
            return (
              <li key={person.id}>
                <button type="button" className="people-row" data-user={person.id} aria-current={person.id === me || undefined} disabled={person.kind === "deactivated"} onClick={() => onPick(person.id)}>
                  <Avatar id={person.id} name={name} person={person} />
                  <span className="person-words">
                    <b>{name}</b>
                    <small>{[roleWords(person), several ? teamName(person.team) : ""].filter(Boolean).join(" · ")}</small>
                  </span>
                  <small className="faint">{zoneWords(person)}</small>
                </button>
              </li>
            );
          })}
        </ul>
        {people.length === 0 && <p className="faint">Nobody here fits these words.</p>}
      </div>
    </Dialog>
  );
}
