//! What lies beside the Dockerfile.
pub mod facts {
    //! Stub.
    /// Stub.
    #[derive(Debug, Default)]
    pub struct Facts {}
}
