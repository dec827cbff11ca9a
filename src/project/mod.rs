//! What lies beside the Dockerfile.
pub mod facts {
    //! Stub.
    /// Stub.
    #[derive(Debug, Default, PartialEq)]
    pub struct Facts {}
}
