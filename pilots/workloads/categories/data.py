"""All ends of a game of noughts and crosses, and whether crosses, who began, have won."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Data
from pilots.records import DataSource
from pilots.workload import Split

#: What a field can hold.
BLANK, CROSS, NOUGHT = 0, 1, 2
_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))

Board = tuple[int, ...]


def read(source: DataSource | None, split: Split) -> Data:
    """Boards (rows, 9 fields), each field the number of what it holds, as float32.

    Data: D. Aha, Tic-Tac-Toe Endgame, UCI Machine Learning Repository, 1991: "the complete set of possible board
    configurations at the end of tic-tac-toe games"; here they are played out.
    """
    from sklearn.model_selection import train_test_split

    boards = sorted(endings())
    won = np.array([_has_won(board, CROSS) for board in boards], np.int64)
    x_train, x_test, y_train, y_test = train_test_split(
        np.array(boards, np.float32), won, test_size=split.test_share, random_state=split.seed, stratify=won
    )
    return Data(
        task="classification",
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        outputs=2,
        arguments={"categories": (3,) * 9},
    )


def endings() -> set[Board]:
    """Every board on which a game can end, crosses beginning."""
    ended: set[Board] = set()
    boards: set[Board] = {(BLANK,) * 9}
    for turn in range(9):
        player = (CROSS, NOUGHT)[turn % 2]
        played = {
            (*board[:field], player, *board[field + 1 :]) for board in boards for field in range(9) if not board[field]
        }
        won = {board for board in played if _has_won(board, player)}
        ended |= won
        boards = played - won
    return ended | boards


def _has_won(board: Board, player: int) -> bool:
    return any(all(board[field] == player for field in line) for line in _LINES)
