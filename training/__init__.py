"""Makes a model: corpora, fitting, calibration, tracking, promotion."""
