//! What readers see: pages, feeds, API, exports and the HTTP server.
