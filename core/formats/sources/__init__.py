"""Samples that are not one mask file (or one a class) beside a picture: annotations, volumes, DICOM."""
