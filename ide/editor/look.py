"""How a view looks: the theme's colours in Scintilla's terms, margins, marks, carets, folds."""

from __future__ import annotations

from PySide6.QtGui import QColor

from ide.editor.languages import Language
from ide.editor.scintilla import M, S, Sci, bgr, bgra
from ide.themes import themes

#: Margins, from the left.
PROBLEMS, NUMBERS, FOLDS = 0, 1, 2
#: Marker numbers; Scintilla's own fold markers are 25 to 31, change history 21 to 24.
ERROR, WARNING, NOTE = 0, 1, 2
PROBLEM_MASK = 1 << ERROR | 1 << WARNING | 1 << NOTE
#: Indicators; a lexer may use 0 to 7.
SQUIGGLES = {"error": 8, "warning": 9, "note": 10}
FOUND, CLOSER, SAME_WORD = 11, 12, 13
#: Styles of the messages below lines, beyond what lexers use.
MESSAGES = {"error": 60, "warning": 61, "note": 62}
TOKENS = {"error": "red", "warning": "amber", "note": "muted"}
_AREAS = {"error": "red_area", "warning": "amber_area", "note": "margin"}
_SIGNS = {ERROR: "\u00d7", WARNING: "!", NOTE: "i"}
_CHARACTER = 10_000
_FOLD_MASK = 0xFE000000
_BOLD = ("keyword",)
_ITALIC = ("comment",)


def arrange(sci: Sci) -> None:
    """Margins, folding, carets, keys: what no theme changes."""
    send = sci.send
    send(M.SetMargins, 3)
    for margin, kind, mask in (
        (PROBLEMS, S.MarginType.Colour, PROBLEM_MASK),
        (NUMBERS, S.MarginType.Number, 0),
        (FOLDS, S.MarginType.Symbol, _FOLD_MASK),
    ):
        send(M.SetMarginTypeN, margin, kind)
        send(M.SetMarginMaskN, margin, mask)
    send(M.SetMarginSensitiveN, FOLDS, 1)
    # Not Change: it may move the caret in the middle of an edit (reference/editor.md, trap 7).
    send(M.SetAutomaticFold, S.AutomaticFold.Show | S.AutomaticFold.Click)
    send(M.SetMarginLeft, 0, 4)
    send(M.SetMultipleSelection, 1)
    send(M.SetAdditionalSelectionTyping, 1)
    send(M.SetMultiPaste, S.MultiPaste.Each)
    send(M.SetVirtualSpaceOptions, S.VirtualSpace.RectangularSelection)
    send(M.SetMouseSelectionRectangularSwitch, 1)
    send(M.SetEndAtLastLine, 0)
    send(M.SetCaretWidth, 2)
    send(M.SetCaretLineVisibleAlways, 1)
    send(M.SetYCaretPolicy, S.CaretPolicy.Slop | S.CaretPolicy.Even, 2)
    send(M.SetTabIndents, 1)
    send(M.SetBackSpaceUnIndents, 1)
    send(M.SetIndentationGuides, S.IndentView.LookBoth)
    send(M.SetIMEInteraction, S.IMEInteraction.Inline)
    send(M.SetWrapIndentMode, S.WrapIndentMode.Indent)
    send(M.AnnotationSetVisible, S.AnnotationVisible.Indented)
    send(M.EOLAnnotationSetVisible, S.EOLAnnotationVisible.Standard)
    _arrange_marks(sci)


def _arrange_marks(sci: Sci) -> None:
    send = sci.send
    symbol = S.MarkerSymbol
    for number, sign in _SIGNS.items():
        send(M.MarkerDefine, number, _CHARACTER + ord(sign))
    for number, shape in (
        (S.MarkerOutline.FolderOpen, symbol.ArrowDown), (S.MarkerOutline.Folder, symbol.Arrow),
        (S.MarkerOutline.FolderSub, symbol.Empty), (S.MarkerOutline.FolderTail, symbol.Empty),
        (S.MarkerOutline.FolderEnd, symbol.Arrow), (S.MarkerOutline.FolderOpenMid, symbol.ArrowDown),
        (S.MarkerOutline.FolderMidTail, symbol.Empty),
    ):  # fmt: skip
        send(M.MarkerDefine, number, shape)
    for number in SQUIGGLES.values():
        send(M.IndicSetStyle, number, S.IndicatorStyle.SquigglePixmap)
    send(M.IndicSetStyle, FOUND, S.IndicatorStyle.StraightBox)
    send(M.IndicSetUnder, FOUND, 1)
    send(M.IndicSetStyle, CLOSER, S.IndicatorStyle.Hidden)
    send(M.FoldDisplayTextSetStyle, S.FoldDisplayTextStyle.Boxed)


def paint(sci: Sci, language: Language, points: float) -> None:
    """Give a view the theme's colours and font, and the styles of its language."""
    color = themes.color
    text, back = color("editor_text"), color("editor")
    sci.style(S.StylesCommon.Default, text, back)
    sci.set_font(themes.mono().family(), points)
    for token, numbers in language.styles.items():
        for number in numbers:
            sci.style(number, color(token), back, bold=token in _BOLD, italic=token in _ITALIC)
    sci.style(S.StylesCommon.LineNumber, color("margin_text"), color("margin"))
    sci.style(S.StylesCommon.IndentGuide, color("line"), back)
    sci.style(S.StylesCommon.FoldDisplayText, color("muted"), back)
    sci.style(S.StylesCommon.BraceLight, text, color("brace"), bold=True)
    sci.style(S.StylesCommon.BraceBad, text, color("brace_bad"), bold=True)
    for severity, number in MESSAGES.items():
        sci.style(number, color(TOKENS[severity]), color(_AREAS[severity]))
    _paint_carets(sci)
    _paint_margins(sci)
    fit_numbers(sci)


def _paint_carets(sci: Sci) -> None:
    color, element = themes.color, S.Element
    for which, token in (
        (element.Caret, "caret"), (element.CaretAdditional, "caret"), (element.CaretLineBack, "current_line"),
        (element.SelectionBack, "selection"), (element.SelectionAdditionalBack, "selection"),
        (element.SelectionInactiveBack, "selection"), (element.SelectionSecondaryBack, "selection"),
        (element.SelectionText, "selection_text"), (element.SelectionAdditionalText, "selection_text"),
        (element.SelectionSecondaryText, "selection_text"), (element.SelectionInactiveText, "selection_text"),
        (element.WhiteSpace, "line"),
    ):  # fmt: skip
        sci.send(M.SetElementColour, which, bgra(color(token)))
    sci.send(M.SetSelectionLayer, S.Layer.UnderText)
    sci.send(M.SetCaretLineLayer, S.Layer.Base)  # else it hides what is found


def _paint_margins(sci: Sci) -> None:
    color, send = themes.color, sci.send
    send(M.SetMarginBackN, PROBLEMS, bgr(color("margin")))
    send(M.SetFoldMarginColour, 1, bgr(color("margin")))
    send(M.SetFoldMarginHiColour, 1, bgr(color("margin")))
    for severity, number in (("error", ERROR), ("warning", WARNING), ("note", NOTE)):
        _marker(sci, number, color(TOKENS[severity]), color(_AREAS[severity]))
        send(M.IndicSetFore, SQUIGGLES[severity], bgr(color(TOKENS[severity])))
    for number in range(25, 32):
        _marker(sci, number, color("margin_text"), color("margin_text"))
    send(M.IndicSetFore, FOUND, bgr(color("found")))
    send(M.IndicSetAlpha, FOUND, 110)
    send(M.IndicSetOutlineAlpha, FOUND, 220)


def _marker(sci: Sci, number: int, fore: QColor, back: QColor) -> None:
    sci.send(M.MarkerSetFore, number, bgr(fore))
    sci.send(M.MarkerSetBack, number, bgr(back))


def fit_numbers(sci: Sci) -> None:
    """Make the margins as wide as the text's zoom and number of lines want."""
    digits = max(3, len(str(sci.send(M.GetLineCount))))
    width = sci.put(M.TextWidth, S.StylesCommon.LineNumber, "9" * digits) + 10
    if sci.send(M.GetMarginWidthN, NUMBERS) != width:
        sci.send(M.SetMarginWidthN, NUMBERS, width)
        height = sci.send(M.TextHeight, 0)
        sci.send(M.SetMarginWidthN, PROBLEMS, height * 2 // 3)
        sci.send(M.SetMarginWidthN, FOLDS, height * 2 // 3)
