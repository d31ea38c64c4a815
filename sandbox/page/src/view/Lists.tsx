import { useContext, useState, type ReactNode } from "react";
import { Picker } from "../blocks/Picker";
import { ActionsContext } from "../blocks/surface";
import { colleagues, personName, useNames } from "../text/names";
import type { Channel, Conversation, Seen } from "../types";
import { Avatar } from "./Avatar";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";

function Frame({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }): ReactNode {
  return (
    <Dialog label={title} onEscape={onClose} className="dialog-people">
      <header className="dialog-head">
        <h2>{title}</h2>
        <button type="button" className="icon-button dialog-x" aria-label="Exit" onClick={onClose}><Icon name="close" /></button>
      </header>
      <div className="dialog-body">{children}</div>
    </Dialog>
  );
}

/** Channels one may join. */
export function BrowseChannels({ seen, onGo, onClose }: { seen: Seen; onGo: (id: string) => void; onClose: () => void }): ReactNode {
  const { act } = useContext(ActionsContext);
  const join = async (id: string) => {
    if (await act({ do: "join", channel: id })) onGo(id);
  };
  return (
    <Frame title="Browse channels" onClose={onClose}>
      <ul className="people-list">
        {seen.browsable.map((channel) => (
          <li key={channel.id} className="people-row">
            <span className="person-words"><b>#{channel.name}</b><small>{channel.topic}</small></span>
            <button type="button" className="button" aria-label={`Join ${channel.name}`} onClick={() => void join(channel.id)}>Join</button>
          </li>
        ))}
      </ul>
      {seen.browsable.length === 0 && <p className="faint">You are in every channel that is open to you.</p>}
    </Frame>
  );
}

/** Someone to write to. */
export function NewMessage({ seen, onGo, onClose }: { seen: Seen; onGo: (place: string) => void; onClose: () => void }): ReactNode {
  const names = useNames();
  const [query, setQuery] = useState("");
  const people = colleagues(names)
    .filter((p) => p.id !== seen.me.id)
    .filter((p) => `${p.real_name} ${p.name}`.toLowerCase().includes(query.trim().toLowerCase()));
  return (
    <Frame title="New message" onClose={onClose}>
      <input className="text" type="search" data-first-focus aria-label="Find a person" placeholder="Find a person" value={query} onChange={(e) => setQuery(e.target.value)} />
      <ul className="people-list">
        {people.map((p) => (
          <li key={p.id}>
            <button type="button" className="people-row" onClick={() => onGo(seen.conversations.find((c) => c.with === p.id)?.id ?? p.id)}>
              <Avatar id={p.id} name={p.real_name || p.name} person={p} />
              <span className="person-words"><b>{p.real_name || p.name}</b><small>{p.title}</small></span>
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  );
}

/** Topic and members of a channel; adding and removing people and apps; leaving. */
export function ChannelDetails({ conversation, channel, onClose }: { conversation: Conversation; channel?: Channel; onClose: () => void }): ReactNode {
  const names = useNames();
  const { act } = useContext(ActionsContext);
  const members = conversation.members ?? channel?.members ?? [];
  const others = [
    ...names.apps.map((a) => ({ value: a.bot_user, label: a.name, description: "App" })),
    ...colleagues(names).map((p) => ({ value: p.id, label: p.real_name || p.name, description: p.title })),
  ].filter((c) => !members.includes(c.value));
  const leave = async () => {
    await act({ do: "leave", channel: conversation.id });
    onClose();
  };
  return (
    <Frame title={`${conversation.kind === "private" ? "" : "#"}${conversation.name}`} onClose={onClose}>
      {conversation.topic && <p>{conversation.topic}</p>}
      {conversation.is_member && !conversation.archived && (
        <Picker
          id="add-member"
          label="Add people or apps"
          placeholder="Add people or apps"
          chosen={[]}
          multi={false}
          search={async (query) => others.filter((c) => c.label.toLowerCase().includes(query.toLowerCase()))}
          onChoose={([choice]) => choice && void act({ do: "invite", channel: conversation.id, user: choice.value })}
        />
      )}
      <ul className="people-list" aria-label="Members">
        {members.map((id) => {
          const app = names.apps.some((a) => a.bot_user === id);
          const name = personName(names, id);
          return (
            <li key={id} className="people-row">
              <Avatar id={id} name={name} person={names.people.get(id)} app={app} />
              <span className="person-words"><b>{name}</b><small>{app ? "App" : names.people.get(id)?.title}</small></span>
              {conversation.is_member && id !== names.me?.id && (
                <button type="button" className="link" aria-label={`Remove ${name}`} onClick={() => void act({ do: "remove", channel: conversation.id, user: id })}>Remove</button>
              )}
            </li>
          );
        })}
      </ul>
      {conversation.is_member && <button type="button" className="button" onClick={() => void leave()}>Leave the channel</button>}
    </Frame>
  );
}
