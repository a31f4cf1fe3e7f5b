"""Layers whose shapes do not follow from a config, and why."""

from __future__ import annotations

from kerascope.shapes._registry import unruled

__all__: list[str] = []

BASE_2 = """
    AbstractRNNCell BaseDenseAttention BaseRandomLayer BatchNormalizationBase Conv ConvLSTM ConvLSTMCell ConvRNN
    ConvRecurrent2D DepthwiseConv GlobalPooling1D GlobalPooling2D GlobalPooling3D IndexLookup Pooling1D Pooling2D
    Pooling3D PreprocessingLayer Recurrent SeparableConv _BaseFeaturesLayer _CuDNNRNN _Merge
"""
BASE_3 = """
    BaseAdaptiveAveragePooling BaseAdaptiveMaxPooling BaseAdaptivePooling BaseConv BaseConvTranspose BaseDepthwiseConv
    BaseGlobalPooling BaseImagePreprocessingLayer BasePooling BaseSeparableConv BaseSpatialDropout ConvLSTM
    ConvLSTMCell DataLayer IndexLookup Layer Merge
"""
CELLS_1 = """
    BasicLSTMCell BasicRNNCell DeviceWrapper DropoutWrapper LayerRNNCell MultiRNNCell RNNCell ResidualWrapper
    _RNNCellWrapper _RNNCellWrapperV1
"""

BASE = "it is a base class, which other layers are made of and which does nothing by itself"

unruled(*BASE_2.split(), because=BASE, generations=(1, 2))
unruled(*BASE_3.split(), because=BASE, generations=(3,))
unruled(
    *CELLS_1.split(),
    because="it is a cell of TensorFlow 1, which Keras's layers do not hold",
    generations=(1, 2),
)
unruled(
    *("FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"),
    because="it runs a program of another framework that is not in its config",
    generations=(3,),
)
unruled("FeatureSpace", because="it makes its layers out of features that it learns from data")
