//! Tests of stream commands.
