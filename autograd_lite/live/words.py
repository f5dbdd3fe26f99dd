"""All words of a page, one table: another language is one more column."""

from __future__ import annotations

__all__ = ["words"]

LANGUAGES = ("en",)
# fmt: off
WORDS: dict[str, tuple[str, ...]] = {
    # ------------------------------------------------------------------------- controls
    "title": ("{root}, live",),
    "undo": ("Undo",),
    "redo": ("Redo",),
    "reset": ("Reset",),
    "explore": ("Explore",),
    "predict": ("Predict first",),
    "steps": ("Steps",),
    "picture": ("Picture of the graph",),
    "whole": ("Whole picture",),
    "leaves": ("Leaves",),
    "leaves_hint": ("Drag a card or a slider, or type a number; double-click or Backspace puts it back.",),
    "leaf": ("leaf",),
    "value": ("value",),
    "gradient": ("gradient",),
    "card": ("{name}, card",),
    "slider": ("{name}, slider",),
    "put_back": ("Put {name} back to {value}",),
    "not_a_number": ("Not a number: write 0.5, -2e-3 or 1/3",),
    "undone": ("undone",),
    "redone": ("redone",),
    "all_reset": ("all leaves are back",),
    "chosen": ("{name} is {value}, gradient {grad}; {root} is {result}",),
    # ------------------------------------------------------------------------- the slope
    "slope": ("{root} over {name}",),
    "slope_about": ("Curve of {root} over {name}; at {value} it is {result}, its slope {grad}",),
    "slope_is": ("slope",),
    "moved": ("{name} moved by",),
    "predicted": ("predicted",),
    "actual": ("actual",),
    "change_hint": ("Move {name}: the tangent predicts slope × move, the curve says what happens.",),
    # ------------------------------------------------------------------------- the derivation
    "derivation": ("The chain rule",),
    "symbols": ("symbols",),
    "rules": ("rules",),
    "numbers": ("numbers",),
    "sum": ("sum",),
    "result": ("result",),
    "grouped": ("the same, grouped",),
    "where": ("where",),
    "more_paths": ("[{count} more paths]",),
    "more_factors": ("[{count} more factors]",),
    "more_terms": ("[{count} more: {sum}]",),
    "no_path": ("0, because no path leads there",),
    # ------------------------------------------------------------------------- downhill
    "downhill": ("Downhill",),
    "downhill_hint": ("A step moves {names} against the gradient: by −rate · gradient.",),
    "rate": ("rate",),
    "step": ("One step",),
    "ten_steps": ("Ten steps",),
    "fell": ("{root} fell from {before} to {after}",),
    "rose": ("{root} rose from {before} to {after}: the rate is too large here",),
    "same": ("{root} stays {after}",),
    "stuck": ("a gradient is not finite: no step",),
    "history": ("{root} after each step",),
    # ------------------------------------------------------------------------- predict first
    "question_way": ("{name} goes from {value} to {next}. Which way does {root} move?",),
    "up": ("up",),
    "down": ("down",),
    "stays": ("it stays",),
    "question_far": ("And how far, about? (slope × move)",),
    "question_largest": ("Which leaf has the largest gradient, without its sign?",),
    "answer": ("Answer",),
    "next": ("Next question",),
    "right": ("Right.",),
    "nearly": ("Nearly.",),
    "wrong": ("Not yet.",),
    "show": ("Show it",),
    "shown": ("{root} goes from {before} to {after}: by {change}; slope {grad} times {move} predicts {predicted}.",),
    "shown_largest": ("∂{root}/∂{name} = {grad} is the largest.",),
    "score": ("{right} of {asked} right",),
    "hint_way": ("The sign of the gradient tells: {root} moves with {name} where it is plus, against it where minus.",),
    "hint_sign": ("The size is right, the sign is not.",),
    "hint_slope": ("That is the slope; how far {name} moves is still to be multiplied in.",),
    "hint_move": ("That is how far {name} moves; multiply by the slope.",),
    "hint_upstream": ("That is the local derivative times the move; multiply by what flows in from above.",),
    "hint_path": ("That is one path only; {name} is used {count} times: add the paths up.",),
    "hint_factor": ("A factor is missing: every arrow on the way to {root} is one.",),
    "hint_far": ("Multiply the local derivatives along the way to {root}, then by the move.",),
    "hint_largest": ("∂{root}/∂{name} is {grad}; another one is larger.",),
    # ------------------------------------------------------------------------- the steps
    "first_step": ("First step",),
    "previous_step": ("Previous step",),
    "play": ("Play",),
    "pause": ("Pause",),
    "next_step": ("Next step",),
    "last_step": ("Last step",),
    "step_slider": ("Step",),
    "at_start": ("Start",),
    "at_forward": ("Forward {i} of {n}",),
    "at_seed": ("Backward",),
    "at_backward": ("Backward {i} of {n}",),
    "at_end": ("Done",),
    "start_text": ("The leaves are given: {root} is computed from them.",),
    "forward_text": ("{name} is computed, and how fast it changes with each operand is noted:",),
    "seed_text": ("{root} changes exactly as fast as itself. Every other gradient starts at 0 and collects.",),
    "backward_text": ("The gradient of {name} is complete. Each operand gets upstream × local derivative:",),
    "end_text": ("Every gradient is complete: raise a leaf a little, and {root} changes by gradient × that.",),
    "complete": ("complete",),
    "more": ("more to come",),
    # ------------------------------------------------------------------------- trouble
    "trouble": ("{name} = {call} is {result}",),
    "domain": ("its domain is {domain}",),
    "grad_trouble": ("the gradient of {name} is {result}",),
    # ------------------------------------------------------------------------- to keep
    "keep": ("Keep it",),
    "link": ("Link to this state",),
    "python": ("In Python",),
    "copy": ("Copy",),
    "copied": ("copied",),
    "table": ("All steps as a table",),
    "table_about": ("All steps",),
    # ------------------------------------------------------------------------- the table's state
    "table_stale": ("The table holds the numbers that the page was made with.",),
}
# fmt: on


def words(language: str = "en") -> dict[str, str]:
    """Return the words of a page by their keys.

    >>> words()["undo"]
    'Undo'
    """
    column = LANGUAGES.index(language)
    return {key: row[column] for key, row in WORDS.items()}
