import { Component, type ReactNode } from "react";

/** Says that something is there which the page cannot draw: silence would hide it from whoever reviews. */
export function CannotShow({ what, why }: { what: string; why?: string }): ReactNode {
  return (
    <div className="cannot-show" role="note">
      Cannot show {what}
      {why ? `: ${why}` : ""}
    </div>
  );
}

/** A block that breaks while it is drawn must not take the page with it. */
export class Guard extends Component<{ what: string; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (this.state.broken) return <CannotShow what={this.props.what} why="it broke while it was drawn" />;
    return this.props.children;
  }
}
