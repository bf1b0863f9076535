"""What holds for every edit of a mask, whatever made it."""

import numpy as np

from segpaint.core.labels.labels import BACKGROUND, FREE


class EditWatcher:
    """Notes a document's mask, and where it is reported to change from then on."""

    def __init__(self, document):
        self.document = document
        self.before = document.mask.snapshot()
        self.count = document.strokes.stack.count()
        self.reported = np.zeros(self.before.shape, bool)
        document.strokes.mask_changed.connect(self.note)

    def note(self, box):
        self.reported[box.slices if box is not None else ...] = True

    def check(self, locked=()):
        """What was done is sound, and can be taken back and made again; one edit at the most."""
        document, before, after = self.document, self.before, self.document.mask.snapshot()
        assert not document.strokes.is_under_way
        assert set(np.unique(after)) <= {BACKGROUND, FREE, *document.table.indices}
        for value in locked:
            np.testing.assert_array_equal(after == value, before == value)
        assert not ((after != before) & ~self.reported).any()
        if np.array_equal(before, after):
            assert document.strokes.stack.count() == self.count
            return
        assert document.strokes.stack.count() == self.count + 1
        document.strokes.undo()
        np.testing.assert_array_equal(document.mask.values, before)
        document.strokes.redo()
        np.testing.assert_array_equal(document.mask.values, after)
