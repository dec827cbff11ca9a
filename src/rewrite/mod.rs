//! Edit builders that fixes and actions share.
