"""Loads ONNX files into ONNX Runtime.

From memory, so a file cannot name others; and without custom operators, which would be code.
"""

from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from contract.model.predictor import Inputs
from contract.schema.task import Floats

TYPES: Final[dict[str, Any]] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": object,
}
"""Types of inputs."""

PROBABILITIES: Final = (
    "tensor(float)",
    "tensor(double)",
    "seq(map(int64,tensor(float)))",
    "seq(map(string,tensor(float)))",
)
"""Types of the output of probabilities or numbers. The maps are those of skl2onnx's ZipMap."""


class OnnxModel:
    """See `contract.model.predictor.NativeModel`.

    It has an input of shape (n, 1) or (n,) for each feature, or one of shape (n, features).
    """

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        inputs = session.get_inputs()
        unknown = [one.type for one in inputs if one.type not in TYPES]
        if unknown:
            raise ValueError(f"an input is a {unknown[0]}, and none of {', '.join(TYPES)}")
        outputs = [one for one in session.get_outputs() if one.type in PROBABILITIES]
        if len(outputs) != 1:
            raise ValueError(
                f"it has {len(outputs)} outputs of real numbers, and one must have the "
                "probabilities, or the numbers"
            )
        self._session = session
        self._output = outputs[0].name
        self._inputs = [(one.name, TYPES[one.type], len(one.shape)) for one in inputs]
        shape = inputs[0].shape
        # shape (n, features); a width that the file leaves open is that of a single feature
        self._is_matrix = len(inputs) == 1 and len(shape) == 2 and shape[1] not in (1, None)
        self.width = int(shape[1]) if self._is_matrix else len(inputs)
        self.features = () if self._is_matrix else tuple(one.name for one in inputs)
        self.texts = frozenset(name for name, kind, _ in self._inputs if kind is object)
        self.required = frozenset(
            name for name, kind, _ in self._inputs if kind not in (np.float32, np.float64)
        )
        self.categories: dict[str, tuple[str, ...]] = {}
        self.classes: tuple[Any, ...] = ()
        self.numeric: bool | None = None

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities, or numbers, of n records."""
        output = self._run(inputs)
        if isinstance(output, list):
            self.classes = self.classes or tuple(output[0])
            return np.array([list(row.values()) for row in output], dtype=np.float64)
        outputs: Floats = output
        return outputs

    def _run(self, inputs: Inputs) -> Any:
        feed: dict[str, NDArray[Any]] = {}
        if self._is_matrix:
            name, kind, _ = self._inputs[0]
            feed[name] = np.column_stack(inputs).astype(kind)
        else:
            for (name, kind, rank), values in zip(self._inputs, inputs, strict=True):
                feed[name] = (values[:, None] if rank == 2 else values).astype(kind)
        return self._session.run([self._output], feed)[0]


def load(content: bytes) -> OnnxModel:
    """Loads a file's content. Raises what ONNX Runtime raises, and `ValueError`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what it raises is not printed as well
    return OnnxModel(
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    )
