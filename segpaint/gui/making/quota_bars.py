"""Bars that fill as pairs with each trait are taken."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QProgressBar, QScrollArea, QWidget

from segpaint.gui.parts.plain import ElidingLabel, PlainLabel
from segpaint.gui.style.theme import SPACE
from segpaint.paired.quotas import LABEL, MASK, Quota, Trait

WIDTH = 240
MOST_MASKS = 40
"""Masks that have a bar each; of more, most are wanted in one or two pairs."""
OF_LABEL = "As many pairs as show it among the candidates, in proportion."


class QuotaBars(QScrollArea):
    """Lists the quotas by kind; a row is a name, a bar, and two numbers."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True, accessibleName="Quotas")
        self.setFixedWidth(WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows: dict[Trait, tuple[QProgressBar, PlainLabel]] = {}

    def show_quotas(self, quotas: Sequence[Quota]) -> None:
        """Show how far each quota is."""
        if sum(quota.trait.kind == MASK for quota in quotas) > MOST_MASKS:
            quotas = [quota for quota in quotas if quota.trait.kind != MASK]
        if list(self._rows) != [quota.trait for quota in quotas]:
            self._lay_out([quota.trait for quota in quotas])
        for quota in quotas:
            bar, numbers = self._rows[quota.trait]
            bar.setRange(0, max(quota.wanted, 1))
            bar.setValue(min(quota.taken, bar.maximum()))
            numbers.setText(f"{quota.taken} of {quota.wanted}")

    def _lay_out(self, traits: Sequence[Trait]) -> None:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(SPACE, 0, SPACE, SPACE)
        grid.setSpacing(SPACE // 2)
        grid.setColumnStretch(0, 1)
        self._rows, kind, row = {}, "", 0
        for trait in traits:
            if trait.kind != kind:
                kind = trait.kind
                heading = PlainLabel(kind, objectName="heading")
                heading.setContentsMargins(0, SPACE, 0, 0)
                grid.addWidget(heading, row, 0, 1, 2)
                row += 1
            name = ElidingLabel(trait.name)
            name.setToolTip(f"{trait.name}. {OF_LABEL}" if trait.kind == LABEL else trait.name)
            numbers = PlainLabel(alignment=Qt.AlignmentFlag.AlignRight)
            bar = QProgressBar(textVisible=False, accessibleName=f"Taken with {trait.name}")
            bar.setFixedHeight(SPACE // 2)
            grid.addWidget(name, row, 0)
            grid.addWidget(numbers, row, 1)
            grid.addWidget(bar, row + 1, 0, 1, 2)
            self._rows[trait] = bar, numbers
            row += 2
        grid.setRowStretch(row, 1)
        self.setWidget(content)
