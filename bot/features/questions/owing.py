"""What questions owe Slack, under which keys. Every message is made once, and changed with what it shows."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.saying import DEAD, MOST_TIMES, living, owe_message, show_key_again
from bot.features.questions.rules import Answer, Question, Refusal

TO_MANAGER, TO_EDITOR = "questions.to_manager", "questions.to_editor"
ANSWER, FOLLOW_UP = "questions.answer", "questions.follow_up"
WHICH, NOT_RELAYED, NOBODY, PICTURE = (
    "questions.which",
    "questions.not_relayed",
    "questions.nobody",
    "questions.picture",
)
SENT_ON = "sent_on"  # why a text was not relayed: it has been since, as its author changed it


# -- to whoever shall answer ------------------------------------------------------------------------------------------


def to_key(question: Question, user: str) -> str:
    return f"question:{question.id}:to:{user}"


async def refresh_for(session: AsyncSession, question: Question, user: str, *, now: datetime) -> None:
    await show_key_again(session, question.workspace_id, to_key(question, user), now=now)


# -- to the asker -----------------------------------------------------------------------------------------------------


def root_key(question: Question) -> str:
    return f"question:{question.id}:answer"


async def answer_to_asker(session: AsyncSession, question: Question, answer: Answer, *, now: datetime) -> None:
    """The first opens the asker's thread for this question, later ones go into it. At once, also at night: it is the
    answer to one's own question."""
    ws, ref = question.workspace_id, {"question": question.id, "answer": answer.id}
    key, root = await living(session, ws, root_key(question))
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=ANSWER,
        key=key if root is None else f"answer:{answer.id}",
        method="post",
        target=question.asker,
        ref=ref,
        under=None if root is None else root.id,
    )


async def delivery_of(session: AsyncSession, question: Question, answer: Answer) -> tuple[Owed | None, bool]:
    """Where an answer was relayed to, and whether that message opens the thread."""
    _, root = await living(session, question.workspace_id, root_key(question))
    if root is not None and root.ref.get("answer") == answer.id:
        return root, True
    return await queue.find(session, workspace_id=question.workspace_id, key=f"answer:{answer.id}"), False


async def undelivered(session: AsyncSession, question: Question, answer: Answer) -> bool:
    """Whether it is certain that the asker never got it."""
    ws = question.workspace_id
    found = await queue.find(session, workspace_id=ws, key=f"answer:{answer.id}")
    if found is not None:
        return found.state in DEAD
    tried = root_key(question)
    for number in range(2, MOST_TIMES):
        found = await queue.find(session, workspace_id=ws, key=tried)
        if found is None or found.ref.get("answer") == answer.id:
            break
        tried = f"{root_key(question)}:{number}"
    return found is not None and found.state in DEAD


def follow_up_key(answer: Answer, user: str) -> str:
    return f"answer:{answer.id}:to:{user}"


async def reached_nobody(session: AsyncSession, follow_up: Answer) -> bool:
    for user in follow_up.sent_to:
        found = await queue.find(session, workspace_id=follow_up.workspace_id, key=follow_up_key(follow_up, user))
        if found is None or found.state not in DEAD:
            return False
    return True


async def not_reached(session: AsyncSession, question: Question, follow_up: Answer, *, now: datetime) -> None:
    """Tell the asker, in the thread where they wrote it."""
    _, root = await living(session, question.workspace_id, root_key(question))
    await owe_message(
        session,
        now=now,
        ws=question.workspace_id,
        kind=NOT_RELAYED,
        key=f"not_reached:{follow_up.id}",
        target=follow_up.author,
        ref={"user": follow_up.author, "why": Refusal.NOT_REACHED.value, "count": 0},
        under=None if root is None else root.id,
    )
