//! Bitmap commands as a client sees them.
