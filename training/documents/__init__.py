"""The papers of training: plans of classes, attendance sheets, certificates."""
