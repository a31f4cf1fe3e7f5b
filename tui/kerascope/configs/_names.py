"""The names that Keras itself gives out, by kind, and which names in a config are Keras's own.

Sources: Keras 3.15.1 and tf_keras 2.21.0, read by introspection (`tests/configs/keras_names.py`), what their `get`
functions answer to included; the Keras 1 names after the documentation of Keras 1.2.2.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KERAS_NAMES", "names"]


def names(text: str) -> frozenset[str]:
    """A set of names, written as one text."""
    return frozenset(text.split())


_KERAS_2 = {
    "activations": names(
        """
        elu exponential gelu hard_sigmoid leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax
        softplus softsign swish tanh
        """
    ),
    "constraints": names(
        """
        Constraint MaxNorm MinMaxNorm NonNeg RadialConstraint UnitNorm max_norm maxnorm min_max_norm non_neg nonneg
        radial_constraint unit_norm unitnorm
        """
    ),
    "dtype_policies": names(
        """
        Policy PolicyV1
        """
    ),
    "initializers": names(
        """
        Constant ConstantV2 GlorotNormal GlorotNormalV2 GlorotUniform GlorotUniformV2 HeNormal HeNormalV2 HeUniform
        HeUniformV2 Identity IdentityV2 Initializer LecunNormal LecunNormalV2 LecunUniform LecunUniformV2 Ones OnesV2
        Orthogonal OrthogonalV2 RandomNormal RandomNormalV2 RandomUniform RandomUniformV2 TruncatedNormal
        TruncatedNormalV2 VarianceScaling VarianceScalingV1 VarianceScalingV2 Zeros ZerosV2 constant glorot_normal
        glorot_normalV2 glorot_uniform glorot_uniformV2 he_normal he_normalV2 he_uniform he_uniformV2 identity
        lecun_normal lecun_normalV2 lecun_uniform lecun_uniformV2 normal one ones orthogonal random_normal
        random_uniform truncated_normal uniform variance_scaling zero zeros
        """
    ),
    "layers": names(
        """
        AbstractRNNCell Activation ActivityRegularization Add AddLoss AddMetric AdditiveAttention AlphaDropout
        Attention Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
        BaseDenseAttention BaseRandomLayer BasicLSTMCell BasicRNNCell BatchNormalization BatchNormalizationBase
        Bidirectional CategoryCrossing CategoryEncoding CenterCrop ClassMethod Concatenate Conv Conv1D Conv1DTranspose
        Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM ConvLSTM1D ConvLSTM2D ConvLSTM2DCell ConvLSTM3D
        ConvLSTMCell ConvRNN ConvRecurrent2D Convolution1D Convolution1DTranspose Convolution2D Convolution2DTranspose
        Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CuDNNGRU CuDNNLSTM CustomScaleLayer
        Dense DenseFeatures DepthwiseConv DepthwiseConv1D DepthwiseConv2D DeviceWrapper Discretization Dot Dropout
        DropoutWrapper DynamicEmbedding DynamicLookup ELU EinsumDense Embedding FeatureSpace Flatten GRU GRUCell
        GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
        GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalPooling1D GlobalPooling2D GlobalPooling3D
        GroupNormalization HashedCrossing Hashing Highway Identity IndexLookup InputLayer InstanceMethod
        InstanceProperty IntegerLookup LSTM LSTMCell Lambda Layer LayerNormalization LayerRNNCell LayerScale LeakyReLU
        LocallyConnected1D LocallyConnected2D Masking MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D
        MaxPooling3D Maximum MaxoutDense Merge Minimum ModuleWrapper MultiHeadAttention MultiRNNCell Multiply
        Normalization PReLU Permute Pooling1D Pooling2D Pooling3D PreprocessingLayer RNN RNNCell RandomBrightness
        RandomContrast RandomCrop RandomFlip RandomFourierFeatures RandomHeight RandomRotation RandomTranslation
        RandomWidth RandomZoom ReLU Recurrent ReloadedLayer RepeatVector Rescaling Reshape ResidualWrapper Resizing
        SeparableConv SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SequenceFeatures
        SimpleRNN SimpleRNNCell SlicingOpLambda Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D
        SpectralNormalization StackedRNNCells StochasticDepth StringLookup Subtract SyncBatchNormalization TFOpLambda
        TensorFlowOpLayer TextVectorization ThresholdedReLU TimeDistributed UnitNormalization UpSampling1D
        UpSampling2D UpSampling3D VariableScopeLayer Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
        _BaseFeaturesLayer _CuDNNRNN _Merge _RNNCellWrapper _RNNCellWrapperV1
        """
    ),
    "losses": names(
        """
        BCE BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalHinge CosineSimilarity Hinge Huber KLD KLDivergence LogCosh Loss LossFunctionWrapper MAE MAPE MSE
        MSLE MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
        SparseCategoricalCrossentropy SquaredHinge bce binary_crossentropy binary_focal_crossentropy
        categorical_crossentropy categorical_focal_crossentropy categorical_hinge cosine_proximity cosine_similarity
        hinge huber huber_loss is_categorical_crossentropy kl_divergence kld kullback_leibler_divergence log_cosh
        logcosh mae mape mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error mse msle poisson sparse_categorical_crossentropy squared_hinge
        """
    ),
    "metrics": names(
        """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLD KLDivergence
        LogCoshError MAE MAPE MSE MSLE Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper
        MeanRelativeError MeanSquaredError MeanSquaredLogarithmicError MeanTensor Metric OneHotIoU OneHotMeanIoU
        Poisson Precision PrecisionAtRecall PyMetric R2Score Recall RecallAtPrecision Reduce RootMeanSquaredError
        SensitivityAtSpecificity SensitivitySpecificityBase SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum SumOverBatchSize
        SumOverBatchSizeMetricWrapper TopKCategoricalAccuracy TrueNegatives TruePositives
        _ConfusionMatrixConditionCount _IoUBase acc accuracy binary_accuracy binary_crossentropy
        binary_focal_crossentropy categorical_accuracy categorical_crossentropy categorical_focal_crossentropy ce
        cosine_proximity cosine_similarity crossentropy hinge kl_divergence kld kullback_leibler_divergence log_cosh
        logcosh mae mape mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error mse msle poisson sparse_categorical_accuracy sparse_categorical_crossentropy
        sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy
        """
    ),
    "models": names(
        """
        Container DistributedCallbackModel Functional FunctionalPreprocessingStage LinearModel Model ModelV1 Network
        PreprocessingStage Sequential SharpnessAwareMinimization WideDeepModel
        """
    ),
    "optimizers": names(
        """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lion LossScaleOptimizer LossScaleOptimizerV1
        LossScaleOptimizerV3 Nadam Optimizer OptimizerV2 RMSProp RMSprop RestoredOptimizer SGD TFOptimizer adadelta
        adafactor adagrad adam adamax adamw ftrl lion lossscaleoptimizer lossscaleoptimizerv3 nadam restoredoptimizer
        rmsprop sgd
        """
    ),
    "regularizers": names(
        """
        L1 L1L2 L2 OrthogonalRegularizer Regularizer l1 l1_l2 l2 orthogonal_regularizer
        """
    ),
    "schedules": names(
        """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule LinearCosineDecay
        NoisyLinearCosineDecay PiecewiseConstantDecay PolynomialDecay
        """
    ),
}

_KERAS_3 = {
    "activations": names(
        """
        celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
        log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
        sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
        """
    ),
    "constraints": names(
        """
        Constraint MaxNorm MinMaxNorm NonNeg UnitNorm max_norm min_max_norm non_neg unit_norm
        """
    ),
    "dtype_policies": names(
        """
        AWQDTypePolicy DTypePolicy DTypePolicyMap FloatDTypePolicy GPTQDTypePolicy Int4DTypePolicy
        QuantizedDTypePolicy QuantizedFloat8DTypePolicy
        """
    ),
    "initializers": names(
        """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer Initializer LecunNormal
        LecunUniform Ones Orthogonal OrthogonalInitializer RandomInitializer RandomNormal RandomUniform STFT
        STFTInitializer TruncatedNormal VarianceScaling Zeros constant glorot_normal glorot_uniform he_normal
        he_uniform identity lecun_normal lecun_uniform normal one ones orthogonal random_normal random_uniform stft
        truncated_normal uniform variance_scaling zero zeros
        """
    ),
    "layers": names(
        """
        Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention
        AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
        BaseAdaptiveAveragePooling BaseAdaptiveMaxPooling BaseAdaptivePooling BaseConv BaseConvTranspose
        BaseDepthwiseConv BaseGlobalPooling BaseImagePreprocessingLayer BasePooling BaseSeparableConv
        BaseSpatialDropout BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
        ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
        Conv3DTranspose ConvLSTM ConvLSTM1D ConvLSTM2D ConvLSTM3D ConvLSTMCell Convolution1D Convolution1DTranspose
        Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D
        CustomScaleLayer CutMix DataLayer Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU
        EinsumDense Embedding Equalization FeatureSpace Flatten FlaxLayer GRU GRUCell GaussianDropout GaussianNoise
        GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D
        GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D
        GlobalMaxPooling3D GroupNormalization GroupQueryAttention GroupedQueryAttention HashedCrossing Hashing
        Identity IndexLookup InputLayer IntegerLookup JaxLayer LSTM LSTMCell Lambda Layer LayerNormalization
        LayerScale LeakyReLU Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D
        MaxPooling3D Maximum MelSpectrogram Merge Minimum MixUp MultiHeadAttention Multiply Normalization PReLU
        Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
        RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale
        RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
        RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom ReLU RepeatVector Rescaling Reshape
        Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D SeparableConvolution1D
        SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax Solarization SpatialDropout1D SpatialDropout2D
        SpatialDropout3D SpectralNormalization StackedRNNCells StochasticDepth StringLookup Subtract TFDConcat
        TFDIdentity TFSMLayer TextVectorization ThresholdedReLU TimeDistributed TorchModuleWrapper UnitNormalization
        UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
        """
    ),
    "losses": names(
        """
        BCE BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CompileLoss CosineSimilarity Dice Hinge Huber KLD
        KLDivergence LogCosh Loss LossFunctionWrapper MAE MAPE MSE MSLE MeanAbsoluteError MeanAbsolutePercentageError
        MeanSquaredError MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky bce
        binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy
        categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity ctc dice hinge huber
        kl_divergence kld log_cosh mae mape mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error mse msle poisson sparse_categorical_crossentropy squared_hinge tversky
        """
    ),
    "metrics": names(
        """
        AUC Accuracy BCE BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge CompileMetrics ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives
        FalsePositives Hinge IoU KLDivergence LogCoshError MAE MAPE MSE MSLE Mean MeanAbsoluteError
        MeanAbsolutePercentageError MeanIoU MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError Metric
        MetricsList OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall
        RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity SensitivitySpecificityBase
        SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity
        SquaredHinge Sum TopKCategoricalAccuracy TrueNegatives TruePositives _ConfusionMatrixConditionCount _IoUBase
        acc accuracy auc bce binary_accuracy binary_crossentropy binary_focal_crossentropy binary_io_u
        categorical_accuracy categorical_crossentropy categorical_focal_crossentropy categorical_hinge ce
        concordance_correlation cosine_similarity crossentropy f1_score f_beta_score false_negatives false_positives
        hinge huber io_u kl_divergence log_cosh log_cosh_error mae mape mean mean_absolute_error
        mean_absolute_percentage_error mean_io_u mean_metric_wrapper mean_squared_error mean_squared_logarithmic_error
        mse msle one_hot_io_u one_hot_mean_io_u pearson_correlation poisson precision precision_at_recall r2_score
        recall recall_at_precision root_mean_squared_error sensitivity_at_specificity sparse_categorical_accuracy
        sparse_categorical_crossentropy sparse_top_k_categorical_accuracy specificity_at_sensitivity squared_hinge sum
        top_k_categorical_accuracy true_negatives true_positives
        """
    ),
    "models": names(
        """
        Distiller Functional Model Sequential
        """
    ),
    "operations": names(
        """
        Abs Absolute AdaptiveAveragePool AdaptiveMaxPool Add AffineTransform All AllClose Amax Amin Angle Any Append
        Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax Argmin Argpartition Argsort Array
        ArraySplit AssociativeScan Average AveragePool BatchNorm BinaryCrossentropy Bincount BitwiseAnd BitwiseInvert
        BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo CDist CTCDecode CTCLoss Cast
        CategoricalCrossentropy Cbrt Ceil Celu Cholesky CholeskyInverse Clip Concatenate Cond Conj Conjugate Conv
        ConvTranspose ConvertToTensor Copy Corrcoef Correlate Cos Cosh CountNonzero CropImages Cross Cumprod Cumsum
        Deg2rad DepthToSpace DepthwiseConv Det Diag Diagflat Diagonal Diff Digitize Divide DivideNoNan Dot
        DotProductAttention Dsplit Dstack Eig Eigh Einsum ElasticTransform Elu EmptyLike Equal Erf Erfc Erfinv Exp
        Exp2 ExpandDims Expm1 ExtractPatches ExtractSequences FFT FFT2 Fabs FakeQuantWithMinMaxVars Flip Fliplr Flipud
        Floor FloorDivide Fmax Fmin Fmod Fold ForiLoop Full FullLike Function GaussianBlur Gcd Gelu Geomspace GetItem
        Glu Greater GreaterEqual HSVToRGB HardShrink HardSigmoid HardSilu HardTanh Heaviside Histogram Hsplit Hstack
        Hypot I0 IFFT2 IRFFT ISTFT Imag InTopK Inner Inv IsIn Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal
        JVP Kron LayerNorm Lcm Ldexp LeakyRelu LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 LogSigmoid
        LogSoftmax Logaddexp Logaddexp2 Logdet LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Logsumexp Lstsq
        LuFactor Map MapCoordinates Matmul MatrixRank Max MaxPool Maximum Mean Median Meshgrid Min Minimum Mish Mod
        Moments Moveaxis MultiHot Multiply NanToNum Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian
        Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum Nanvar Ndim Negative Nextafter Nonzero Norm Normalize
        NotEqual OneHot OnesLike Operation Outer PSNR Pad PadImages Percentile PerspectiveTransform Pinv Polar Power
        Prod Ptp Qr Quantile RFFT RGBToGrayscale RGBToHSV RMSNorm Rad2deg Ravel ReLU Real Rearrange Reciprocal Relu
        Relu6 Repeat Reshape Resize RightShift Roll Rot90 Round Rsqrt SSIM STFT SVD SaturateCast ScaleAndTranslate
        Scan Scatter ScatterUpdate SearchSorted SegmentMax SegmentMin SegmentProd SegmentReduction SegmentSum Select
        Selu SeparableConv Sigmoid Sign Signbit Silu Sin Sinc Sinh Size Slice SliceUpdate Slogdet SobelEdges
        SoftShrink Softmax Softplus Softsign Solve SolveTriangular Sort SpaceToDepth SparseCategoricalCrossentropy
        SparsePlus SparseSigmoid Sparsemax Split Sqrt Square Squareplus Squeeze Stack Std StopGradient Subtract Sum
        Swapaxes Switch Take TakeAlongAxis Tan Tanh TanhShrink Tensordot Threshold Tile TopK Trace Transpose Trapezoid
        Tril Triu TrueDivide Trunc Unfold Unique UnravelIndex Unstack Vander Var Vdot VectorizedMap View ViewAsComplex
        ViewAsReal Vsplit Vstack Where WhileLoop ZerosLike
        """
    ),
    "optimizers": names(
        """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon Nadam
        Optimizer OptimizerMap RMSprop SGD ScheduleFreeAdamW adadelta adafactor adagrad adam adamax adamw ftrl lion
        lossscaleoptimizer multioptimizer muon nadam optimizermap rmsprop schedulefreeadamw sgd
        """
    ),
    "quantizers": names(
        """
        AWQConfig AbsMaxQuantizer Float8QuantizationConfig GPTQConfig Int4QuantizationConfig Int8QuantizationConfig
        QuantizationConfig Quantizer
        """
    ),
    "regularizers": names(
        """
        L1 L1L2 L2 OrthogonalRegularizer Regularizer l1 l1_l2 l1l2 l2 orthogonal_regularizer
        """
    ),
    "schedules": names(
        """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule PiecewiseConstantDecay
        PolynomialDecay
        """
    ),
}

# What Keras 2 dropped or renamed.
_KERAS_1 = {
    "models": names("Graph"),
    "layers": names(
        """
        AtrousConvolution1D AtrousConvolution2D AutoEncoder Convolution1D Convolution2D Convolution3D Cropping1D
        Deconvolution2D Highway LambdaMerge MaxoutDense Merge ParametricSoftplus Recurrent SReLU SeparableConvolution2D
        Siamese TimeDistributedDense TimeDistributedMerge
        """
    ),
    "initializers": names("he_normal identity lecun_uniform normal one orthogonal uniform zero"),
    "regularizers": names("ActivityRegularizer EigenvalueRegularizer WeightRegularizer activity_l1 activity_l2"),
    "constraints": names("NonNeg UnitNorm maxnorm nonneg unitnorm"),
    "activations": names("hard_sigmoid linear relu sigmoid softmax softplus softsign tanh"),
}

KERAS_NAMES: Mapping[int, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        1: MappingProxyType({kind: known | _KERAS_1.get(kind, frozenset()) for kind, known in _KERAS_2.items()}),
        2: MappingProxyType(_KERAS_2),
        3: MappingProxyType(_KERAS_3),
    }
)
"""Generation -> kind -> names. Kinds: `activations`, `constraints`, `dtype_policies`, `initializers`, `layers`,
`losses`, `metrics`, `models`, `operations` (Keras 3), `optimizers`, `quantizers` (Keras 3), `regularizers`,
`schedules`."""
